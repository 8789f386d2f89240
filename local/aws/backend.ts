import { DynamoDbBackend } from '../dynamodb/backend';
import { Checkpoints } from '../event-source/checkpoints';
import { EventSourceProvider } from '../event-source/provider';
import { SecretProvider } from '../secrets-manager/provider';
import { Rotations } from '../secrets-manager/rotation';
import { SecretsManagerService } from '../secrets-manager/service';
import { SecretStore } from '../secrets-manager/store';
import { QueueProvider } from '../sqs/provider';
import { Queues } from '../sqs/queues';
import { SqsService } from '../sqs/service';
import { Principal, ResourceProvider, RunContext } from '../types';
import { DEFAULT_FAULT_RATES, FaultRates, FaultRecord, FaultSchedule } from './faults';
import { AwsFront } from './front';
import { KmsProvider } from './kms-provider';
import { PhysicalNames } from './names';

const CLOSE_WITHIN_MS = 2000;

/** AWS on this machine: the endpoint for functions, and the resources behind it. */
export interface AwsBackend {
  /** `http://127.0.0.1:PORT`, put into every function process as AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** Tables, queues, secrets, keys and event source mappings. */
  readonly providers: readonly ResourceProvider[];
  /** Begins what a deployment sets going: event source mappings and first rotations. Throws when a role lacks what its mapping needs. */
  startEventSources(): Promise<void>;
  /** Resolves when streams, queues with a consumer, delayed copies and rotations are drained. */
  idle(): Promise<void>;
  /** For `/_local`. */
  inspect(): Promise<Inspection>;
  /** The faults done so far, oldest first, at most the last 1,000. */
  faults(): readonly FaultRecord[];
  /** Deletes expired items now in place of some seconds later; returns how many. */
  sweepExpired(): Promise<number>;
  close(): Promise<void>;
}

/** What a person sees of the back end. */
export interface Inspection {
  tables: { name: string; items: unknown[] }[];
  queues: { name: string; visible: number; inFlight: number }[];
  eventSources: { function: string; source: string; delivered: number; failed: number }[];
}

/** What the back end needs beside the run's context. */
export interface AwsBackendOptions {
  /** The role that an event source reads with, by the function's ARN or name. Unchecked when absent. */
  readonly roleOf?: (functionArn: string) => Principal;
  /** @default DEFAULT_FAULT_RATES */
  readonly faultRates?: FaultRates;
  /** How long a transaction holds its items beyond the engine's call, in ms. @default 3 */
  readonly conflictHoldMs?: number;
}

/** Starts the endpoint and the DynamoDB engine. */
export async function startAwsBackend(context: RunContext, options: AwsBackendOptions = {}): Promise<AwsBackend> {
  const { region, accountId, dataDir, log } = context;
  const faults = new FaultSchedule(context.faultSeed, options.faultRates ?? DEFAULT_FAULT_RATES, log);
  const names = new PhysicalNames(dataDir);
  const front = new AwsFront(context, faults);
  const dynamodb = await DynamoDbBackend.start(context, faults, names, options.conflictHoldMs ?? 3);
  const queues = new Queues(dataDir);
  const secretArn = `arn:aws:secretsmanager:${region}:${accountId}:secret:`;
  const store = new SecretStore(dataDir, secretArn);
  const rotations = new Rotations(store, context.invoker, log);
  const secrets = new SecretProvider(store, names, rotations, accountId);
  let endpoint: string;
  try {
    endpoint = await front.listen();
  } catch (error) {
    await dynamodb.close();
    throw error;
  }
  front.add(
    ...dynamodb.services,
    new SqsService(queues, `arn:aws:sqs:${region}:${accountId}:`),
    new SecretsManagerService(store, rotations, secretArn),
  );
  log(`DynamoDB (${dynamodb.kind}), SQS and Secrets Manager at ${endpoint}`);
  const queueProvider = new QueueProvider(queues, names, { region, accountId, endpoint }, faults);
  const checkpoints = new Checkpoints(dataDir);
  const sources = new EventSourceProvider(context, dynamodb, queues, faults, checkpoints, options.roleOf);
  return {
    endpoint,
    providers: [dynamodb.provider, queueProvider, secrets, sources, new KmsProvider(context)],
    startEventSources: async () => {
      dynamodb.allDeployed();
      secrets.startRotations();
      await rotations.settle();
      await sources.start();
    },
    idle: async () => drain(sources, rotations, dynamodb),
    inspect: async () => ({
      tables: await dynamodb.inspect(),
      queues: queues
        .all()
        .map(({ settings, depth }) => ({ name: settings.name, visible: depth.visible, inFlight: depth.inFlight })),
      eventSources: sources.all.map(({ settings, stats }) => ({
        function: settings.functionArn.split(':function:').pop() ?? settings.functionArn,
        source: settings.sourceArn,
        ...stats,
      })),
    }),
    faults: () => faults.done,
    sweepExpired: async () => dynamodb.sweep(),
    close: async () => {
      const ended = sources.close();
      queues.close();
      await front.close();
      // An invocation that hangs ends with its function's process, which is not ours to end.
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref())]);
      await dynamodb.close();
    },
  };
}

/** What a function does may fill another source: drained when a whole round finds nothing new. */
async function drain(sources: EventSourceProvider, rotations: Rotations, dynamodb: DynamoDbBackend): Promise<void> {
  const work = (): string => JSON.stringify(sources.all.map(({ stats }) => stats));
  let before: string;
  do {
    before = work();
    await rotations.settle();
    await dynamodb.settle();
    await Promise.all(sources.all.map(async (mapping) => mapping.settle()));
  } while (work() !== before || rotations.busy);
}
