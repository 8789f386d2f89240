import { isObject, JsonObject } from '../../assembly';

/** An answer of an AWS API. */
export interface AwsCallAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly requestId: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly bytes: number;
}

/** Calls an AWS API of this machine as a data source does. */
export type CallAws = (
  service: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
  requestId: string,
) => Promise<AwsCallAnswer>;

/** A connection that broke: whether the call was done is not known. The name is that of AWS's Java SDK, which AppSync has. */
const LOST: AwsCallAnswer = {
  ...{ ok: false, status: 500, requestId: '', bytes: 0 },
  headers: new Headers({ 'x-amzn-errortype': 'SdkClientException' }),
  body: { __type: 'SdkClientException', message: 'Unable to execute HTTP request' },
};

/**
 * Calls that are made with a role: by an access key that names the data source, and the request that they are made for.
 *
 * @param accessKeyId gives the key for a request
 */
export function awsCaller(endpoint: string, region: string, accessKeyId: (requestId: string) => string): CallAws {
  return async (service, path, headers, body, requestId) => {
    // Signatures are not checked on this machine: who calls is known by the key.
    const scope = `${accessKeyId(requestId)}/19700101/${region}/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', ...headers, authorization },
      body: JSON.stringify(body),
    };
    const received = await fetch(`${endpoint}${path}`, request)
      .then(async (response) => ({ response, text: await response.text() }))
      .catch(() => undefined);
    if (received === undefined) return LOST;
    const { response, text } = received;
    return {
      ok: response.ok,
      status: response.status,
      requestId: response.headers.get('x-amzn-requestid') ?? '',
      headers: response.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
      bytes: Buffer.byteLength(text),
    };
  };
}

/** Code and message of an error in AWS JSON. */
export function errorOf({ body }: AwsCallAnswer): {
  readonly code: string;
  readonly message: string;
  readonly fields: JsonObject;
} {
  const fields = isObject(body) ? body : {};
  const type = typeof fields.__type === 'string' ? fields.__type : 'InternalServerError';
  return { code: type.split('#').at(-1) ?? type, message: String(fields.message ?? fields.Message ?? type), fields };
}
