import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** One request as it was sent to DynamoDB. */
export interface Call {
  readonly operation: string;
  /** As on the wire: with attribute values, one level below the document client's. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What DynamoDB answers. */
export interface WireAnswer {
  readonly status: number;
  readonly text: string;
}

/** The document client as the functions have it, over a wire that a test holds: the SDK itself is not mocked. */
export function documentClient(
  answer: (call: Call, body: string) => Promise<WireAnswer>,
  maxAttempts = 1,
): DynamoDBDocumentClient {
  const requestHandler = {
    handle: async (request: { headers: Record<string, string>; body?: unknown }) => {
      const operation = request.headers['x-amz-target'].split('.')[1];
      const body = Buffer.concat([request.body as Uint8Array]).toString();
      const { status, text } = await answer({ operation, input: JSON.parse(body) as Call['input'] }, body);
      const headers = { 'content-type': 'application/x-amz-json-1.0' };
      return { response: { statusCode: status, headers, body: new TextEncoder().encode(text) } };
    },
  };
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
    requestHandler: requestHandler as DynamoDBClientConfig['requestHandler'],
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** A client that gives these answers, in their order, the last one again and again; and what it was asked. */
export function scriptedClient(...answers: readonly object[]) {
  return retryingClient(1, ...answers);
}

/** As `scriptedClient`, where the SDK tries again by itself. */
export function retryingClient(maxAttempts: number, ...answers: readonly object[]) {
  const calls: Call[] = [];
  const db = documentClient((call) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)];
    calls.push(call);
    if (answer === LOST) {
      return Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    }
    const refused = answer instanceof WireError;
    const status = refused ? answer.status : 200;
    return Promise.resolve({ status, text: JSON.stringify(refused ? answer.body : answer) });
  }, maxAttempts);
  return { db, calls };
}

/** In place of an answer: the connection ends, and nobody tells what became of the call. */
export const LOST: object = { lost: true };

/** An error as DynamoDB sends it. */
export class WireError {
  public constructor(
    private readonly code: string,
    private readonly fields: Readonly<Record<string, unknown>> = {},
    public readonly status = 400,
  ) {}

  public get body(): object {
    return {
      __type: `com.amazonaws.dynamodb.v20120810#${this.code}`,
      message: `${this.code} of a test`,
      ...this.fields,
    };
  }
}

/** A transaction that was refused, by the codes of its writes; a reason may carry its item. */
export const cancelled = (...reasons: readonly (string | { Code: string; Item?: object })[]) =>
  new WireError('TransactionCanceledException', {
    CancellationReasons: reasons.map((reason) => (typeof reason === 'string' ? { Code: reason } : reason)),
  });
