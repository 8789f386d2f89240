/** The CorsConfiguration of an HTTP API. */
export interface CorsSettings {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAge?: number;
}

type Headers = Readonly<Record<string, string>>;

/** Headers that the gateway sets itself; those of a function are dropped. */
const CORS_HEADER = /^access-control-(allow-(origin|methods|headers|credentials)|expose-headers|max-age)$/;

function allowsOrigin(cors: CorsSettings, origin: string): boolean {
  return cors.allowOrigins.some((allowed) => {
    if (allowed === '*') return true;
    const [head = '', tail] = allowed.toLowerCase().split('*');
    const actual = origin.toLowerCase();
    return tail === undefined ? actual === head : actual.startsWith(head) && actual.endsWith(tail);
  });
}

function allows(list: readonly string[], wanted: string): boolean {
  return list.some((allowed) => allowed === '*' || allowed.toLowerCase() === wanted.toLowerCase());
}

function originHeaders(cors: CorsSettings, origin: string): Record<string, string> {
  const any = cors.allowOrigins.includes('*');
  return {
    'access-control-allow-origin': any ? '*' : origin,
    ...(any ? {} : { vary: 'Origin' }),
    ...(cors.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
  };
}

/** True for a request by which a browser asks whether it may send the real one. */
export function isPreflight(method: string, headers: Headers): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Headers of the answer to a preflight; none where origin, method or a header is not allowed. */
export function preflightHeaders(cors: CorsSettings, headers: Headers): Record<string, string> {
  const { origin = '' } = headers;
  const wanted = (headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim());
  const allowed =
    allowsOrigin(cors, origin) &&
    allows(cors.allowMethods, headers['access-control-request-method'] ?? '') &&
    wanted.every((name) => name === '' || allows(cors.allowHeaders, name));
  if (!allowed) return {};
  return {
    ...originHeaders(cors, origin),
    'access-control-allow-methods': cors.allowMethods.join(','),
    ...(cors.allowHeaders.length > 0 ? { 'access-control-allow-headers': cors.allowHeaders.join(',') } : {}),
    ...(cors.maxAge === undefined ? {} : { 'access-control-max-age': String(cors.maxAge) }),
  };
}

/** Headers added to a real answer, and the test for those of the function that are dropped. */
export function responseCorsHeaders(cors: CorsSettings, origin: string | undefined): Record<string, string> {
  if (origin === undefined || !allowsOrigin(cors, origin)) return {};
  const expose = cors.exposeHeaders.join(',');
  return { ...originHeaders(cors, origin), ...(expose === '' ? {} : { 'access-control-expose-headers': expose }) };
}

/** True for a header that only the gateway may set where CORS is configured. */
export function isCorsHeader(name: string): boolean {
  return CORS_HEADER.test(name.toLowerCase());
}
