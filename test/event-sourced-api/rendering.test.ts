import { synthesize } from './synthesized';
import { parseTemplate, renderTemplate, TemplateError } from '../../local/appsync/vtl';
import { COMMAND_CASES } from '../support/event-templates/command-cases';
import { QUERY_CASES } from '../support/event-templates/query-cases';
import type { Outcome, RenderCase } from '../support/event-templates/render-case';
import { mappingTemplates } from '../support/event-templates/synthesized-templates';

/** The mapping templates, as they are synthesized, rendered in every case by the local runner's Velocity. */

const TEMPLATES = mappingTemplates(synthesize().template);
const CASES = [...COMMAND_CASES, ...QUERY_CASES];

const templateOf = (name: string): string => {
  const template = TEMPLATES.get(name);
  if (template === undefined) throw new Error(`no template ${name}, but: ${[...TEMPLATES.keys()].join(', ')}`);
  return template;
};

function rendered({ of, context }: RenderCase): { outcome: Outcome; stash: unknown } {
  try {
    const { text, stash } = renderTemplate(templateOf(of), context);
    expect(text).not.toMatch(/\$(util|ctx)\b(?!\.identity' #set)/);
    return { outcome: { json: JSON.parse(text ?? '') }, stash: Object.fromEntries(stash) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { message, errorType, errorInfo } = error.raised;
    return { outcome: { error: { type: errorType ?? '', message, info: errorInfo } }, stash: {} };
  }
}

test.each(CASES.map((one) => [one.of, one.when, one] as const))('%s, when %s', (_, __, one) => {
  const { outcome, stash } = rendered(one);
  if ('error' in one.comesTo) {
    const { type, message, info } = one.comesTo.error;
    expect(outcome).toMatchObject({
      error: { type, ...(message === undefined ? {} : { message }), ...(info === undefined ? {} : { info }) },
    });
    // Nothing of what AWS said.
    expect(JSON.stringify(outcome)).not.toContain('123456789012');
  } else {
    expect(outcome).toEqual(one.comesTo);
    expect(stash).toEqual(one.stash ?? {});
  }
});

test('every template is one of those that are rendered', () => {
  const texts = new Set(CASES.map(({ of }) => templateOf(of)));
  expect([...TEMPLATES].flatMap(([name, text]) => (texts.has(text) ? [] : [name]))).toEqual([]);
  expect(TEMPLATES.size).toBeGreaterThan(30);
});

test('every template is parsed', () => {
  for (const template of TEMPLATES.values()) {
    expect(parseTemplate(template)).toEqual(expect.any(Array));
  }
});
