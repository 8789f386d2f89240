import { crc32 } from 'node:zlib';
import { AwsError, HttpAnswer, Json, WireProtocol } from './protocol';

/** An answer in AWS JSON, with the headers that AWS clients check. */
export function jsonAnswer(status: number, body: Json | string, requestId: string, version = '1.0'): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-crc32': String(crc32(text)),
      'x-amzn-requestid': requestId,
    },
    body: text,
  };
}

/** AWS JSON: the operation is in the header `X-Amz-Target`, input and output are JSON objects. */
export function awsJson(target: string, version: '1.0' | '1.1'): WireProtocol {
  return {
    match: ({ headers }) => {
      const [prefix, operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
      return prefix === target ? operation : undefined;
    },
    parse: ({ body }) => parseObject(body),
    answer: ({ status = 200, body }, requestId) => jsonAnswer(status, body, requestId, version),
    failure: (error, requestId) => jsonAnswer(error.status, error.body(), requestId, version),
  };
}

function parseObject(body: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw new AwsError('SerializationException', 'request body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'request body is not a JSON object');
  }
  return value as Json;
}
