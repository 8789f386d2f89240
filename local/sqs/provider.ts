import { FaultSchedule } from '../aws/faults';
import { PhysicalNames } from '../aws/names';
import {
  asObject,
  booleanProperty,
  checkKeys,
  checkProperties,
  numberProperty,
  refuse,
  stringProperty,
} from '../aws/properties';
import { checkResourcePolicy } from '../aws/resource-policy';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { Queue, QueueSettings } from './queue';
import { Queues } from './queues';

const QUEUE = 'AWS::SQS::Queue';
const POLICY = 'AWS::SQS::QueuePolicy';

const KNOWN = {
  used: [
    ...['QueueName', 'VisibilityTimeout', 'DelaySeconds', 'ReceiveMessageWaitTimeSeconds', 'MessageRetentionPeriod'],
    ...['MaximumMessageSize', 'RedrivePolicy', 'FifoQueue'],
  ],
  inert: ['Tags', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled', 'RedriveAllowPolicy'],
};

/** Where queues live. */
export interface QueuePlace {
  readonly region: string;
  readonly accountId: string;
  readonly endpoint: string;
}

/** Creates standard queues. */
export class QueueProvider implements ResourceProvider {
  public readonly types = [QUEUE, POLICY];

  public constructor(
    private readonly queues: Queues,
    private readonly names: PhysicalNames,
    private readonly place: QueuePlace,
    private readonly faults: FaultSchedule,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    if (resource.type === POLICY) {
      checkProperties(resource, { used: ['PolicyDocument', 'Queues'], inert: [] });
      checkResourcePolicy(resource, 'PolicyDocument', this.place.accountId);
      const id = `${resource.stackName}-${resource.logicalId}`;
      return { ref: id, attributes: { Id: id } };
    }
    checkProperties(resource, KNOWN);
    if (booleanProperty(resource, 'FifoQueue', false)) {
      throw refuse(resource, 'FIFO queues are not supported by the local runner');
    }
    const name = stringProperty(resource, 'QueueName') ?? this.names.of(resource, 80);
    const { region, accountId, endpoint } = this.place;
    const redrive = redrivePolicy(resource);
    const settings: QueueSettings = {
      name,
      arn: `arn:aws:sqs:${region}:${accountId}:${name}`,
      url: `${endpoint}/${accountId}/${name}`,
      visibilityTimeout: numberProperty(resource, 'VisibilityTimeout', 30, [0, 43_200]),
      delaySeconds: numberProperty(resource, 'DelaySeconds', 0, [0, 900]),
      waitTimeSeconds: numberProperty(resource, 'ReceiveMessageWaitTimeSeconds', 0, [0, 20]),
      retentionSeconds: numberProperty(resource, 'MessageRetentionPeriod', 345_600, [60, 1_209_600]),
      maximumMessageSize: numberProperty(resource, 'MaximumMessageSize', 1_048_576, [1024, 1_048_576]),
      ...(redrive === undefined ? {} : { redrive }),
    };
    this.queues.add(new Queue(settings, (arn) => this.queues.byArn(arn), this.faults, this.queues.changed));
    return { ref: settings.url, attributes: { Arn: settings.arn, QueueName: name, QueueUrl: settings.url } };
  }
}

function redrivePolicy(resource: DeployedResource): QueueSettings['redrive'] {
  const given = resource.properties.RedrivePolicy;
  if (given === undefined) return undefined;
  const policy = asObject(typeof given === 'string' ? (JSON.parse(given) as unknown) : given) ?? {};
  checkKeys(resource, 'RedrivePolicy', policy, ['deadLetterTargetArn', 'maxReceiveCount']);
  const properties = { maxReceiveCount: policy.maxReceiveCount };
  const maxReceiveCount = numberProperty({ ...resource, properties }, 'maxReceiveCount', 10, [1, 1000]);
  if (typeof policy.deadLetterTargetArn !== 'string') {
    throw refuse(resource, 'RedrivePolicy.deadLetterTargetArn must be an ARN');
  }
  return { deadLetterArn: policy.deadLetterTargetArn, maxReceiveCount };
}
