import { commonLogTime, GatewayRequest } from '../gateway/request';
import { GatewayResponse } from '../gateway/response';

/** Types of answers that the gateway gives itself, with their status ("Gateway response types" of the guide). */
const STATUS = {
  ACCESS_DENIED: 403,
  API_CONFIGURATION_ERROR: 500,
  AUTHORIZER_CONFIGURATION_ERROR: 500,
  AUTHORIZER_FAILURE: 500,
  BAD_REQUEST_BODY: 400,
  BAD_REQUEST_PARAMETERS: 400,
  EXPIRED_TOKEN: 403,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  INVALID_API_KEY: 403,
  INVALID_SIGNATURE: 403,
  MISSING_AUTHENTICATION_TOKEN: 403,
  QUOTA_EXCEEDED: 429,
  REQUEST_TOO_LARGE: 413,
  RESOURCE_NOT_FOUND: 404,
  THROTTLED: 429,
  UNAUTHORIZED: 401,
  UNSUPPORTED_MEDIA_TYPE: 415,
  WAF_FILTERED: 403,
  // What has no type of its own: an answer of the function that cannot be used.
  DEFAULT_4XX: 400,
  DEFAULT_5XX: 502,
} as const;

export type ResponseType = keyof typeof STATUS;

/** A gateway response as the template has it. */
export interface GatewayResponseSettings {
  readonly type: ResponseType;
  readonly status?: number;
  /** Sources by header name: `'*'` in single quotes, `context.requestId` or `method.request.header.Origin`. */
  readonly headers: Readonly<Record<string, string>>;
  /** By content type. */
  readonly templates: Readonly<Record<string, string>>;
}

/** Why the gateway answers itself. */
export interface Refusal {
  readonly type: ResponseType;
  /** Null as AWS says it for a failed authorizer. */
  readonly message: string | null;
  /** What a request validator found. */
  readonly validation?: string;
}

/** Where an answer comes from. */
export interface RefusalContext {
  readonly request: GatewayRequest;
  readonly apiId: string;
  readonly stage: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly resourcePath?: string;
}

type Reader = (refusal: Refusal, place: RefusalContext) => string | undefined;

const CONTEXT: Readonly<Record<string, Reader>> = {
  apiId: (_refusal, { apiId }) => apiId,
  'error.message': ({ message }) => message ?? undefined,
  'error.messageString': ({ message }) => JSON.stringify(message),
  'error.responseType': ({ type }) => type,
  'error.validationErrorString': ({ validation }) => validation ?? '',
  extendedRequestId: (_refusal, { request }) => request.id,
  httpMethod: (_refusal, { request }) => request.method,
  'identity.sourceIp': (_refusal, { request }) => request.sourceIp,
  path: (_refusal, { request }) => request.path,
  requestId: (_refusal, { request }) => request.id,
  requestTime: (_refusal, { request }) => commonLogTime(request.time),
  requestTimeEpoch: (_refusal, { request }) => String(request.time.getTime()),
  resourcePath: (_refusal, { resourcePath }) => resourcePath,
  stage: (_refusal, { stage }) => stage,
};

const VARIABLE = /\$(context|stageVariables|input|util)\b\.?([A-Za-z0-9_.]*[A-Za-z0-9_])?/g;

function readSource(source: string, where: string): Reader {
  const literal = /^'(.*)'$/s.exec(source)?.[1];
  if (literal !== undefined) return () => literal;
  const [, kind = '', name = ''] =
    /^(context|stageVariables|method\.request\.header|method\.request\.querystring)\.(.+)$/.exec(source) ?? [];
  const known = kind === 'context' ? CONTEXT[name] : undefined;
  if (known !== undefined) return known;
  if (kind === 'stageVariables') return (_refusal, place) => place.stageVariables?.[name];
  if (kind === 'method.request.header') return (_refusal, place) => place.request.headers[name.toLowerCase()];
  if (kind === 'method.request.querystring') {
    return (_refusal, place) => new URLSearchParams(place.request.rawQuery).get(name) ?? undefined;
  }
  throw new Error(`${where}: ${source} is not supported here`);
}

/** True for the name of a type. */
export function isResponseType(name: string): name is ResponseType {
  return name in STATUS;
}

/** The gateway responses of an API. */
export class GatewayResponses {
  private readonly byType = new Map<ResponseType, GatewayResponseSettings>();

  /** @throws an Error naming a source or variable that is not known */
  public add(settings: GatewayResponseSettings, where: string): void {
    for (const source of Object.values(settings.headers)) readSource(source, where);
    for (const template of Object.values(settings.templates)) {
      for (const [text, root, name = ''] of template.matchAll(VARIABLE)) {
        const known = root === 'stageVariables' || (root === 'context' && CONTEXT[name] !== undefined);
        if (!known) throw new Error(`${where}: ${text} in a template is not supported here`);
      }
    }
    this.byType.set(settings.type, settings);
  }

  /** As they are now: what is added later is for the next deployment. */
  public snapshot(): GatewayResponses {
    const copy = new GatewayResponses();
    for (const [type, settings] of this.byType) copy.byType.set(type, settings);
    return copy;
  }

  /** The answer for a refusal: by its own type, else by DEFAULT_4XX or DEFAULT_5XX, else as AWS has it. */
  public render(refusal: Refusal, place: RefusalContext): GatewayResponse {
    const usual = STATUS[refusal.type];
    const settings = this.byType.get(refusal.type) ?? this.byType.get(usual < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
    const headers: Record<string, string> = {};
    for (const [name, source] of Object.entries(settings?.headers ?? {})) {
      const value = readSource(source, name)(refusal, place);
      if (value !== undefined && value !== '') headers[name.toLowerCase()] = value;
    }
    const [contentType = 'application/json', template] =
      Object.entries(settings?.templates ?? {}).find(([type]) => type === 'application/json') ??
      Object.entries(settings?.templates ?? {})[0] ??
      [];
    const body = template === undefined ? defaultBody(refusal) : fill(template, refusal, place);
    return {
      status: settings?.status ?? usual,
      headers: { 'content-type': contentType, ...headers },
      cookies: [],
      body: Buffer.from(body),
    };
  }
}

function fill(template: string, refusal: Refusal, place: RefusalContext): string {
  return template.replace(VARIABLE, (_text, root: string, name: string) => {
    if (root === 'stageVariables') return place.stageVariables?.[name] ?? '';
    return CONTEXT[name]?.(refusal, place) ?? '';
  });
}

/** `Message` with a capital is AWS's own for what an authorizer refuses. */
function defaultBody({ type, message }: Refusal): string {
  return JSON.stringify(type === 'ACCESS_DENIED' ? { Message: message } : { message });
}
