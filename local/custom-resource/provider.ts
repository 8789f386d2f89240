import { randomUUID } from 'node:crypto';
import { CUSTOM_TYPES, describe, expectString, isObject, JsonObject, stackId } from '../assembly';
import { CreatedResource, DeployedResource, FunctionInvoker, ResourceProvider } from '../types';
import { ResponseServer } from './response-server';
import { CustomResourceState } from './state';

/** CloudFormation waits an hour; on one machine something is wrong long before. */
const LONGEST_WAIT_SECONDS = 300;

/** Where the template sets no ServiceTimeout. */
const DEFAULT_WAIT_SECONDS = 60;

/** What custom resources are made with. */
export interface CustomResourceOptions {
  readonly invoker: FunctionInvoker;
  readonly responses: ResponseServer;
  readonly state: CustomResourceState;
  readonly region: string;
  readonly accountId: string;
}

/** CloudFormation hands numbers and booleans to custom resources as text. */
function stringify(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(stringify);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, stringify(item)]));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function errorOf(payload: unknown): string {
  return isObject(payload) && typeof payload.errorMessage === 'string' ? payload.errorMessage : JSON.stringify(payload);
}

/** Runs custom resources: their own function gets the event CloudFormation would send, and answers by PUT. */
export class CustomResourceProvider implements ResourceProvider {
  public readonly types = ['AWS::CloudFormation::CustomResource', CUSTOM_TYPES];

  public constructor(private readonly options: CustomResourceOptions) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    const where = describe(resource);
    const { ServiceTimeout: serviceTimeout, ...given } = resource.properties;
    const token = expectString(given.ServiceToken, `${where}: ServiceToken`);
    if (!/:lambda:/.test(token)) {
      throw new Error(`${where}: ServiceToken ${token} is not supported here, only a function`);
    }
    const properties = stringify(given) as JsonObject;
    const key = `${resource.stackName}/${resource.logicalId}`;
    const before = this.options.state.get(key);
    const wait = Math.min(Number(serviceTimeout ?? DEFAULT_WAIT_SECONDS), LONGEST_WAIT_SECONDS);
    const answer = await this.request(where, token, wait, (url) => ({
      RequestType: before === undefined ? 'Create' : 'Update',
      ServiceToken: token,
      ResponseURL: url,
      StackId: stackId({ ...this.options, stackName: resource.stackName }),
      RequestId: randomUUID(),
      LogicalResourceId: resource.logicalId,
      ResourceType: resource.type,
      ResourceProperties: properties,
      ...(before === undefined
        ? {}
        : { PhysicalResourceId: before.physicalId, OldResourceProperties: before.properties }),
    }));
    const physicalId = typeof answer.PhysicalResourceId === 'string' ? answer.PhysicalResourceId : key;
    this.options.state.set(key, { physicalId, properties });
    return { ref: physicalId, attributes: isObject(answer.Data) ? answer.Data : {} };
  }

  private async request(
    where: string,
    token: string,
    waitSeconds: number,
    event: (url: string) => JsonObject,
  ): Promise<JsonObject> {
    const { url, answer, forget } = this.options.responses.expect();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${where}: the custom resource did not answer within ${waitSeconds} s`)),
        waitSeconds * 1000,
      );
    });
    // A function that fails has not answered and never will.
    const failed = this.options.invoker.invoke(token, event(url)).then(async (result) => {
      if (result.functionError !== undefined) {
        throw new Error(`${where}: the function of the custom resource failed: ${errorOf(result.payload)}`);
      }
      return answer;
    });
    try {
      const given = await Promise.race([answer, failed, late]);
      if (given.Status !== 'SUCCESS') {
        throw new Error(`${where}: the custom resource failed: ${String(given.Reason ?? 'no reason given')}`);
      }
      return given;
    } finally {
      clearTimeout(timer);
      forget();
      // Still under way when the answer or the time-out came first.
      failed.catch(() => undefined);
    }
  }
}
