import { BODY_OPERATIONS, useAim } from './operations';
import { joined, NOT_UTF8, rawJson, REFUSED, TEXTS } from '../../../support/payloads';
import { sampled } from '../../../support/scope';
import { expectStatus } from '../../shapes';
import { times, uniqueName } from '../../world';
import { expectInvalid, postOf } from '../shapes';
import type { PostsWorld } from '../world';

/** Texts by name that each type of field refuses; it keeps all others as they come. */
const OF_TYPE: Readonly<Record<'line' | 'text', ReadonlySet<string>>> = {
  line: new Set([...Object.values(REFUSED.title).flat(), ...REFUSED.username['must not contain invisible characters']]),
  text: new Set(Object.values(REFUSED.body).flat()),
};

/** Operations that take text, and which field of what they answer has it again. */
const TEXT_FIELDS = BODY_OPERATIONS.flatMap((operation) =>
  Object.entries(operation.fields).flatMap(([field, type]) =>
    type === 'line' || type === 'text' ? [[operation.name, field, operation, type] as const] : [],
  ),
).map((row, at) => [...row, at] as const);

/** All of them for the first field of a type; for the others a sample, which is another for each. */
function ofField<T>(texts: readonly T[], type: 'line' | 'text', at: number): readonly T[] {
  const isFirst = TEXT_FIELDS.findIndex(([, , , one]) => one === type) === at;
  return isFirst ? texts : sampled(texts, 4, at);
}

/** Odd text in every string: kept and returned just as it came, or refused for its field. */
export function describeText(world: PostsWorld): void {
  const aim = useAim(world);

  test.each(TEXT_FIELDS)('%s keeps in %s what can be kept, just as it came', async (_, field, operation, type, at) => {
    const kept = joined(
      TEXTS.filter(([name]) => !OF_TYPE[type].has(name)).map(([, value]) => value),
      100,
    );
    const path = operation.path(aim.target);
    for (const value of ofField(kept, type, at)) {
      const answer = await aim.send(operation, { body: { ...operation.good(), [field]: value } });
      expectStatus(answer, operation.method === 'POST' ? 201 : 200);
      const { [field]: answered, post_id: post, tag_id: tag } = answer.json as Record<string, string | undefined>;
      expect(answered).toBe(value);
      const id = operation.method === 'POST' ? (post ?? tag) : '';
      if (id !== undefined) {
        const again = await world.get(id === '' ? path : `${path}/${id}`, aim.target.user);
        expect(again.json).toEqual(answer.json);
      }
      if (operation.method === 'POST') await aim.undo(answer);
    }
  });

  test.each(TEXT_FIELDS)('%s refuses in %s what cannot, and writes nothing', async (_, field, operation, type, at) => {
    const all = TEXTS.filter(([name]) => OF_TYPE[type].has(name));
    expect(all.length).toBe(OF_TYPE[type].size);
    const refused = ofField(all, type, at);
    await aim.unchanged(async () => {
      const answers = await times(refused.length, (index) =>
        aim.send(operation, { body: { ...operation.good(), [field]: refused[index][1] } }),
      );
      answers.forEach((answer) => expectInvalid(answer, field));
    });
  });

  test.each(NOT_UTF8)('%s as raw bytes is replaced by characters that say so, or refused', async (_, bytes) => {
    const name = uniqueName('wrtn ');
    const raw = rawJson(`{"name":"${name}`, bytes, '","content":"","access_type":"private"}');
    const answer = await aim.send(BODY_OPERATIONS[0], { raw });
    if (answer.status === 400) return expectInvalid(answer);
    expect(postOf(answer, 201).name).toMatch(new RegExp(`^${name}\ufffd+$`));
    return aim.undo(answer);
  });
}
