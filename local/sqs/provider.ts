import { isObject, PropertyReader } from '../assembly';
import { DataNames } from '../assembly/names';
import { FaultSchedule } from '../aws/faults';
import { checkResourcePolicy } from '../iam/resource-policy';
import { keyArn } from '../kms/key-arn';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { Queue, QueueSettings } from './queue';
import { Queues } from './queues';

const QUEUE = 'AWS::SQS::Queue';
const POLICY = 'AWS::SQS::QueuePolicy';

const KNOWN = {
  used: [
    ...['QueueName', 'VisibilityTimeout', 'DelaySeconds', 'ReceiveMessageWaitTimeSeconds', 'MessageRetentionPeriod'],
    ...['MaximumMessageSize', 'RedrivePolicy', 'FifoQueue', 'KmsMasterKeyId'],
  ],
  inert: ['Tags', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled', 'RedriveAllowPolicy'],
};

/** Where queues live. */
export interface QueueLocation {
  readonly region: string;
  readonly accountId: string;
  readonly endpoint: string;
}

/** Creates standard queues. */
export class QueueProvider implements ResourceProvider {
  public readonly types = [QUEUE, POLICY];

  public constructor(
    private readonly queues: Queues,
    private readonly names: DataNames,
    private readonly place: QueueLocation,
    private readonly faults: FaultSchedule,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    if (resource.type === POLICY) {
      const policy = new PropertyReader(resource, { used: ['PolicyDocument', 'Queues'] });
      checkResourcePolicy(policy, 'PolicyDocument', this.place.accountId);
      const id = `${resource.stackName}-${resource.logicalId}`;
      return { ref: id, attributes: { Id: id } };
    }
    const properties = new PropertyReader(resource, KNOWN);
    if (properties.boolean('FifoQueue', false)) properties.refuse('FIFO queues are not supported here');
    const name = properties.optionalString('QueueName') ?? this.names.of(resource, 80);
    const { region, accountId, endpoint } = this.place;
    const redrive = redrivePolicy(resource, properties);
    const key = keyOf(properties, this.place);
    const settings: QueueSettings = {
      name,
      logicalId: `${resource.stackName}/${resource.logicalId}`,
      arn: `arn:aws:sqs:${region}:${accountId}:${name}`,
      url: `${endpoint}/${accountId}/${name}`,
      visibilityTimeout: properties.number('VisibilityTimeout', 30, [0, 43_200]),
      delaySeconds: properties.number('DelaySeconds', 0, [0, 900]),
      waitTimeSeconds: properties.number('ReceiveMessageWaitTimeSeconds', 0, [0, 20]),
      retentionSeconds: properties.number('MessageRetentionPeriod', 345_600, [60, 1_209_600]),
      maximumMessageSize: properties.number('MaximumMessageSize', 1_048_576, [1024, 1_048_576]),
      ...(redrive === undefined ? {} : { redrive }),
      ...(key === undefined ? {} : { keyArn: key }),
    };
    this.queues.add(new Queue(settings, (arn) => this.queues.byArn(arn), this.faults, this.queues.changed));
    return { ref: settings.url, attributes: { Arn: settings.arn, QueueName: name, QueueUrl: settings.url } };
  }
}

/** Rights are to keys: who may use one is not found by another name of it. */
function keyOf(properties: PropertyReader, place: QueueLocation): string | undefined {
  const arn = keyArn(properties.optionalString('KmsMasterKeyId'), place);
  if (arn?.includes('alias/')) {
    properties.refuse('KmsMasterKeyId must be the id or the ARN of a key here, not an alias');
  }
  return arn;
}

/** The RedrivePolicy, which may also be given as JSON text. */
function redrivePolicy(resource: DeployedResource, properties: PropertyReader): QueueSettings['redrive'] {
  const given = properties.value('RedrivePolicy');
  if (given === undefined) return undefined;
  const policy: unknown = typeof given === 'string' ? JSON.parse(given) : given;
  if (!isObject(policy)) properties.refuse('RedrivePolicy must be an object');
  const known = { used: ['deadLetterTargetArn', 'maxReceiveCount'] };
  const where = { ...resource, logicalId: `${resource.logicalId}.RedrivePolicy`, properties: policy };
  const reader = new PropertyReader(where, known);
  const maxReceiveCount = reader.number('maxReceiveCount', 10, [1, 1000]);
  return { deadLetterArn: reader.string('deadLetterTargetArn'), maxReceiveCount };
}
