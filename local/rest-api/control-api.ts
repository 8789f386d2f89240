import { isObject } from '../assembly';
import { StageSettings } from './stage-settings';
import { AwsAnswer, AwsApi, AwsError, AwsRequest, HttpAnswer, Json, Permission, WireProtocol } from '../aws/protocol';

const PATH = /^\/restapis\/([^/]+)\/stages\/([^/]+)$/;

function answer(status: number, body: Json | string, requestId: string, more: Record<string, string> = {}): HttpAnswer {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': requestId, ...more };
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html */
const PROTOCOL: WireProtocol = {
  match: ({ method, path }) => (method === 'PATCH' && PATH.test(path) ? 'UpdateStage' : undefined),
  parse: ({ path, body }) => {
    const [, api = '', stage = ''] = PATH.exec(path) ?? [];
    try {
      const { patchOperations } = JSON.parse(body === '' ? '{}' : body) as Json;
      return { api: decodeURIComponent(api), stage: decodeURIComponent(stage), patchOperations };
    } catch {
      throw new AwsError('BadRequestException', 'Invalid JSON');
    }
  },
  answer: ({ status = 200, body }, requestId) => answer(status, body, requestId),
  failure: (error, requestId) =>
    answer(error.status, { message: error.message }, requestId, { 'x-amzn-errortype': error.code }),
};

/** What of API Gateway's own API a deployment needs: settings of a stage that CloudFormation does not know. */
export class ControlApi implements AwsApi {
  public readonly prefix = 'apigateway';
  public readonly protocol = PROTOCOL;

  /** @param settingsOf undefined where there is no such stage */
  public constructor(
    private readonly region: string,
    private readonly settingsOf: (apiId: string, stage: string) => StageSettings | undefined,
  ) {}

  /** Actions are HTTP methods: "Actions, resources, and condition keys for Amazon API Gateway Management". */
  public permissions({ input }: AwsRequest): readonly Permission[] {
    const resource = `arn:aws:apigateway:${this.region}::/restapis/${String(input.api)}/stages/${String(input.stage)}`;
    return [{ action: 'apigateway:PATCH', resources: [resource] }];
  }

  public async handle({ input }: AwsRequest): Promise<AwsAnswer> {
    const { api, stage, patchOperations = [] } = input;
    const settings = this.settingsOf(String(api), String(stage));
    if (settings === undefined) throw new AwsError('NotFoundException', 'Invalid stage identifier specified', 404);
    if (!Array.isArray(patchOperations)) throw new AwsError('BadRequestException', 'patchOperations must be a list');
    try {
      for (const operation of patchOperations as readonly unknown[]) apply(settings, operation);
    } catch (error) {
      throw new AwsError('BadRequestException', error instanceof Error ? error.message : String(error));
    }
    return { body: { stageName: stage } };
  }
}

function apply(settings: StageSettings, operation: unknown): void {
  const { op, path, value } = isObject(operation) ? operation : {};
  if (op !== 'replace') {
    throw new Error(`the operation ${String(op)} is not supported by the local runner, only replace`);
  }
  settings.replace(String(path), String(value));
}
