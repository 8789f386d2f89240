import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AwsError, Json } from '../aws/protocol';

/** An answer of the engine, unparsed. */
export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

const DYNAMODB = 'DynamoDB_20120810';
const STREAMS = 'DynamoDBStreams_20120810';

/** Calls the engine's own API, past IAM, lag and faults. */
export class EngineClient {
  public readonly url: URL;
  private readonly agent: HttpAgent;

  public constructor(endpoint: string) {
    this.url = new URL(endpoint);
    const Agent = this.url.protocol === 'https:' ? HttpsAgent : HttpAgent;
    this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
  }

  /** Calls DynamoDB; an error of the engine is thrown as AwsError. */
  public async call(operation: string, input: Json): Promise<Json> {
    return parse(await this.raw(DYNAMODB, operation, JSON.stringify(input)));
  }

  /** Calls DynamoDB Streams; an error of the engine is thrown as AwsError. */
  public async streams(operation: string, input: Json): Promise<Json> {
    return parse(await this.raw(STREAMS, operation, JSON.stringify(input)));
  }

  public async raw(target: string, operation: string, body: string): Promise<EngineAnswer> {
    const bytes = Buffer.from(body, 'utf8');
    const send = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise<EngineAnswer>((resolve, reject) => {
      const request = send(
        this.url,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'content-length': bytes.length,
            'x-amz-target': `${target}.${operation}`,
            // The engines want a header of this form and check nothing in it.
            'x-amz-date': '20250101T000000Z',
            authorization:
              'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 500, text: Buffer.concat(chunks).toString('utf8') }),
          );
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(bytes);
    });
  }

  public close(): void {
    this.agent.destroy();
  }
}

/** The body of a good answer; an error answer as AwsError. */
export function parse(answer: EngineAnswer): Json {
  const body = JSON.parse(answer.text === '' ? '{}' : answer.text) as Json;
  if (answer.status < 400) return body;
  throw engineError(answer.status, body);
}

/** The engine's error as AWS has it: DynamoDB Local writes `Message` where AWS writes `message`. */
function engineError(status: number, body: Json): AwsError {
  const { __type, message, Message, ...fields } = body;
  const [namespace, code = namespace] = String(__type ?? 'InternalServerError').split('#');
  const text = [message, Message].find((value): value is string => typeof value === 'string') ?? '';
  return new AwsError(code, text, status, fields, code === namespace ? undefined : namespace);
}
