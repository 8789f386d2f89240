import { Operation, Operations } from './context';
import { withCors } from './cors';
import { text } from './inputs';
import { awsJson } from '../aws/json-protocol';
import {
  AwsAnswer,
  AwsApi,
  AwsError,
  AwsRequest,
  HttpAnswer,
  Permission,
  unknownOperation,
  WireProtocol,
} from '../aws/protocol';

const JSON_PROTOCOL = awsJson('AWSCognitoIdentityProviderService', '1.1');

/** AWS JSON, which pages of other addresses may call too. */
const PROTOCOL: WireProtocol = {
  ...JSON_PROTOCOL,
  answer: (answer, requestId) => withCors(JSON_PROTOCOL.answer(answer, requestId)),
  failure: (error, requestId): HttpAnswer => {
    const { status, headers, body } = withCors(JSON_PROTOCOL.failure(error, requestId));
    const named = { 'x-amzn-errortype': `${error.code}:`, 'x-amzn-errormessage': encodeURI(error.message) };
    return { status, headers: { ...headers, ...named }, body };
  },
};

/** The API of user pools. */
export class CognitoApi implements AwsApi {
  public readonly prefix = 'cognito-idp';
  public readonly protocol = PROTOCOL;
  public readonly throttle = { code: 'TooManyRequestsException', message: 'Rate exceeded' };
  public readonly unsigned: readonly string[];
  /** Operations that roles allow. */
  public readonly signed: readonly string[];
  private readonly operations: Operations;

  /**
   * @param open operations without a signature: those of the SDK's model that have `smithy.api#noAuth`
   * @param signed operations on a pool, which roles allow
   */
  public constructor(
    open: Operations,
    signed: Operations,
    private readonly arnPrefix: string,
  ) {
    this.unsigned = Object.keys(open);
    this.signed = Object.keys(signed);
    this.operations = { ...open, ...signed };
  }

  public permissions({ operation, input }: AwsRequest): readonly Permission[] {
    const { fields } = this.operation(operation);
    const other = Object.keys(input).filter((name) => input[name] !== undefined && !fields.includes(name));
    if (other.length > 0) {
      const message = `${operation}: ${other.join(', ')} not supported by the local runner`;
      throw new AwsError('InvalidParameterException', message);
    }
    if (!this.signed.includes(operation)) return [];
    return [{ action: `cognito-idp:${operation}`, resources: [`${this.arnPrefix}${text(input, 'UserPoolId')}`] }];
  }

  public async handle({ operation, input }: AwsRequest): Promise<AwsAnswer> {
    return { body: await this.operation(operation).run(input) };
  }

  private operation(name: string): Operation {
    const operation = Object.hasOwn(this.operations, name) ? this.operations[name] : undefined;
    if (operation === undefined) throw unknownOperation(`cognito-idp ${name}`);
    return operation;
  }
}
