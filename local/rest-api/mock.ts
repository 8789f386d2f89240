import { Compile, parse } from 'amplify-velocity-template';
import { queryLists, RestTarget } from './event';
import { GatewayRequest } from '../gateway/request';
import { GatewayResponse } from '../gateway/response';

/** One answer of a MOCK integration. */
export interface MockResponse {
  readonly status: number;
  /** Matched with the status that the request template gives; the one without is the default. */
  readonly pattern?: RegExp;
  /** By header name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly template?: string;
}

/** A MOCK integration: what CDK makes for preflights. */
export interface MockIntegration {
  readonly kind: 'mock';
  /** By content type. */
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly responses: readonly MockResponse[];
}

/** References that templates may use here; a template with any other is refused by name. */
const KNOWN = /^\$!?\{?(input\.params|input\.body|context\b|stageVariables\b)/;
const ROOTED = /\$!?\{?(?:input|context|stageVariables|util)\b[\w.]*/g;

/** @throws an Error naming what a mapping template uses that is not known */
export function checkTemplate(template: string, where: string): void {
  for (const [reference] of template.matchAll(ROOTED)) {
    if (!KNOWN.test(reference)) throw new Error(`${where}: ${reference} in a template is not supported here`);
  }
  parse(template);
}

/** A map as mapping templates see it; what is absent is empty, as the templates that CDK writes rely on. */
function javaMap(values: Readonly<Record<string, string>>): Record<string, unknown> {
  return { ...values, get: (name: string) => values[name] ?? '' };
}

/** Answers as the integration says, without any back end. Throws an Error where its templates give nothing usable. */
export function answerMock(integration: MockIntegration, request: GatewayRequest, target: RestTarget): GatewayResponse {
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';
  const template = integration.requestTemplates[type];
  if (template === undefined) throw new Error(`no request template for ${type}`);
  const rendered = render(template, request, target);
  const status = /"?statusCode"?\s*:\s*"?(\d{3})\b/.exec(rendered.text)?.[1];
  if (status === undefined) throw new Error(`the request template gives no statusCode: ${rendered.text}`);
  const response =
    integration.responses.find(({ pattern }) => pattern?.test(status)) ??
    integration.responses.find(({ pattern }) => pattern === undefined);
  if (response === undefined) throw new Error(`no integration response for ${status}`);
  const body = response.template === undefined ? undefined : render(response.template, request, target);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries({ ...response.headers, ...body?.headers })) {
    headers[name.toLowerCase()] = value;
  }
  return { status: body?.status ?? response.status, headers, cookies: [], body: Buffer.from(body?.text ?? '') };
}

interface Rendered {
  readonly text: string;
  /** What the template set of `$context.responseOverride`. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
}

function render(template: string, request: GatewayRequest, target: RestTarget): Rendered {
  const header = Object.fromEntries(request.rawHeaders);
  const query = Object.fromEntries(
    Object.entries(queryLists(request.rawQuery)).map(([name, values]) => [name, values.at(-1) ?? '']),
  );
  const path = { ...target.parameters };
  const override: { header: Record<string, unknown>; status?: unknown } = { header: {} };
  const context = {
    context: {
      httpMethod: request.method,
      path: request.path,
      requestId: request.id,
      resourcePath: target.resourcePath,
      stage: target.stage,
      identity: { sourceIp: request.sourceIp },
      responseOverride: override,
    },
    stageVariables: target.stageVariables ?? {},
    input: {
      body: request.body.toString('utf8'),
      params: (name?: string): unknown =>
        name === undefined
          ? { header: javaMap(header), querystring: javaMap(query), path: javaMap(path) }
          : (path[name] ?? query[name] ?? header[name] ?? ''),
    },
  };
  const text = new Compile(parse(template)).render(context);
  const headers = Object.entries(override.header).filter(([, value]) => typeof value === 'string');
  return {
    text,
    status: override.status === undefined ? undefined : Number(override.status),
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}
