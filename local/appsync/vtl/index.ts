import { parseTemplate } from './parser';
import { render } from './renderer';
import { Node } from './syntax';
import { makeUtil, RaisedError, UtilContext } from './util';
import { utilObject } from './util/functions';
import { fromVtl, toVtl, VtlError, VtlMap, VtlValue } from './values';

export { parseTemplate } from './parser';
export { notAuthorized, TemplateError } from './util';
export type { RaisedError } from './util';
export type { Node } from './syntax';
export type { VtlMap } from './values';
export { VtlError } from './values';

/** "Evaluated resolver template size", a quota of AppSync. */
const MOST_BYTES = 5 * 1024 * 1024;

/** What a template sees as `$context` and `$ctx`. A part that is left out has no value. */
export interface TemplateContext {
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly identity?: Readonly<Record<string, unknown>> | null;
  readonly source?: unknown;
  readonly result?: unknown;
  readonly prev?: { readonly result: unknown };
  /** Kept from template to template of a pipeline: a map that was rendered with, or an object to begin with. */
  readonly stash?: VtlMap | Readonly<Record<string, unknown>>;
  readonly info?: TemplateInfo;
  readonly request?: { readonly headers: Readonly<Record<string, string>>; readonly domainName?: string | null };
  readonly error?: { readonly message: string; readonly type: string } | null;
}

/** `$ctx.info`. */
export interface TemplateInfo {
  readonly fieldName: string;
  readonly parentTypeName: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly selectionSetList?: readonly string[];
  readonly selectionSetGraphQL?: string;
}

/** What rendering gave. */
export interface RenderedTemplate {
  /** The text; undefined where `#return` ended the template. */
  readonly text?: string;
  /** What `#return` gave, as JSON. */
  readonly returned?: { readonly value: unknown };
  /** `$ctx.stash` afterwards. */
  readonly stash: VtlMap;
  /** What `$util.appendError` added. */
  readonly appended: readonly RaisedError[];
}

/** What of `$util` a test may want otherwise. */
export type RenderOptions = Partial<Pick<UtilContext, 'now' | 'authType'>> & {
  /** Errors that templates of the field have added before: `$ctx.outErrors`. */
  readonly outErrors?: readonly RaisedError[];
};

/**
 * Renders a mapping template of AppSync, without anything around it.
 *
 * @param template its text, or what `parseTemplate` made of it
 * @throws TemplateRefused for what is no VTL, VtlError for what Velocity would refuse or leave unresolved, TemplateError
 * for what the template itself raises by `$util.error`, `$util.validate` or `$util.unauthorized`
 */
export function renderTemplate(
  template: string | readonly Node[],
  context: TemplateContext,
  options: RenderOptions = {},
): RenderedTemplate {
  const nodes = typeof template === 'string' ? parseTemplate(template) : template;
  const appended: RaisedError[] = [];
  const stash = toVtl(context.stash ?? {}) as VtlMap;
  const { now = Date.now, authType = 'User Pool Authorization', outErrors = [] } = options;
  const { fieldName = '', parentTypeName = '' } = context.info ?? {};
  const util = makeUtil({ now, authType, fieldName, parentTypeName, append: (error) => appended.push(error) });
  const values = contextOf(context, stash, outErrors);
  const rendered = render(nodes, { context: values, ctx: values, util, utils: util });
  const afterwards = { stash, appended };
  if (rendered.kind === 'text') return { text: bounded(rendered.text), ...afterwards };
  return { returned: { value: fromVtl(rendered.value) }, ...afterwards };
}

function bounded(text: string): string {
  const size = Buffer.byteLength(text);
  if (size > MOST_BYTES) throw new VtlError(`a template gives ${MOST_BYTES} bytes at most, got ${size}`);
  return text;
}

/** `$context`: what it has not is refused. */
function contextOf(context: TemplateContext, stash: VtlMap, outErrors: readonly RaisedError[]): VtlValue {
  const args = toVtl(context.arguments ?? {});
  const { source, result, prev, identity, info, request, error } = context;
  const parts: Readonly<Record<string, VtlValue>> = {
    arguments: args,
    args,
    stash,
    identity: toVtl(identity),
    source: toVtl(source),
    result: toVtl(result),
    prev: toVtl(prev),
    info: toVtl(info),
    request: toVtl(request),
    error: toVtl(error),
    outErrors: toVtl(outErrors),
  };
  return utilObject('$context', {}, parts);
}

/** The value of a rendered template that has to be JSON; null where it is empty. */
export function templateValue({ text = '', returned }: RenderedTemplate): unknown {
  if (returned !== undefined) return returned.value;
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new VtlError(`Unable to parse the JSON document: '${text.trim().slice(0, 200)}'`);
  }
}
