import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { parseTemplate, renderTemplate, TemplateError } from '../../local/appsync/vtl';
import { synthesize } from '../event-sourced-api/synthesized';
import { COMMAND_CASES } from '../support/event-templates/command-cases';
import { QUERY_CASES } from '../support/event-templates/query-cases';
import type { RenderCase } from '../support/event-templates/render-case';
import { mappingTemplates } from '../support/event-templates/synthesized-templates';

/**
 * The mapping templates in every case by Apache Velocity, from which AppSync's language is, and by the local runner's: they
 * come to the same. Needs Java 17 and Velocity's jars, where Debian's package has them or as VELOCITY_CLASSPATH says.
 */

const JARS = ['velocity', 'commons-collections3', 'commons-lang'].map((name) => `/usr/share/java/${name}.jar`);
const CASES = [...COMMAND_CASES, ...QUERY_CASES];
const TEMPLATES = mappingTemplates(synthesize().template);

interface Request {
  readonly template: string;
  readonly context: RenderCase['context'];
}
interface Rendered {
  readonly text?: string;
  readonly stash?: unknown;
  readonly error?: { readonly type: string; readonly message: string; readonly info: unknown };
}

function classpath(): string {
  if (process.env.VELOCITY_CLASSPATH) return process.env.VELOCITY_CLASSPATH;
  const missing = JARS.filter((jar) => !existsSync(jar));
  if (missing.length > 0) {
    throw new Error(
      `Apache Velocity 1.7 is needed: Debian's package velocity, or VELOCITY_CLASSPATH; there is no ${missing.join(', ')}`,
    );
  }
  return JARS.join(path.delimiter);
}

/** All at once: a virtual machine takes longer to start than all of them. */
function byApacheVelocity(requests: readonly Request[]): Rendered[] {
  const { stdout, stderr, status, error } = spawnSync(
    'java',
    ['-cp', classpath(), path.join(__dirname, 'Render.java')],
    { input: JSON.stringify(requests), encoding: 'utf8' },
  );
  if (error) throw new Error(`Java 17 is needed as \`java\` on the PATH: ${error.message}`);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Rendered[];
}

function byLocalRunner({ template, context }: Request): Rendered {
  try {
    const { text, stash } = renderTemplate(parseTemplate(template), context);
    return { text, stash: Object.fromEntries(stash) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { message, errorType, errorInfo } = error.raised;
    return { error: { type: errorType ?? '', message, info: errorInfo ?? null } };
  }
}

/** Blank lines are JSON's as they like; of $util.unauthorized AppSync says the message. */
const comparable = ({ text, stash, error }: Rendered) => ({
  json: text === undefined ? undefined : (JSON.parse(text) as unknown),
  stash,
  error: error && (error.type === 'Unauthorized' ? { type: error.type } : error),
});

const requestOf = ({ of, context }: RenderCase): Request => ({ template: TEMPLATES.get(of) ?? '', context });
const rendered = byApacheVelocity(CASES.map(requestOf));

test('Apache Velocity has rendered all of them', () => {
  expect(rendered).toHaveLength(CASES.length);
  expect(CASES.filter(({ of }) => !TEMPLATES.has(of))).toEqual([]);
});

test.each(CASES.map((one, index) => [one.of, one.when, one, index] as const))(
  '%s, when %s, is the same by both',
  (_, __, one, index) => {
    expect(comparable(rendered[index])).toEqual(comparable(byLocalRunner(requestOf(one))));
  },
);

describe('where the two are not alike, it is told', () => {
  const template = '#if($ctx.args.half == 3)"Java"#{else}"another"#end';

  test('a half is cut off by Java: 7 / 2 is 3', () => {
    const [{ text }] = byApacheVelocity([{ template: '#set($x = 7 / 2)$x', context: {} }]);
    expect(text).toBe('3');
    expect(byLocalRunner({ template: '#set($x = 7 / 2)$x', context: {} }).text).toBe('3');
  });

  test('a template that comes to something else is not the same', () => {
    const [other] = byApacheVelocity([{ template, context: { arguments: { half: 3 } } }]);
    const own = byLocalRunner({ template, context: { arguments: { half: 4 } } });
    expect(comparable(other)).not.toEqual(comparable(own));
  });
});
