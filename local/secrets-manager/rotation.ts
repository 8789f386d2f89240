import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/protocol';
import { FunctionInvoker } from '../types';
import { CURRENT, PENDING, Secret, SecretStore } from './store';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** Rotates secrets by their functions, in the four steps of Secrets Manager. */
export class Rotations {
  private readonly underWay = new Map<string, Promise<void>>();

  public constructor(
    private readonly store: SecretStore,
    private readonly invoke: FunctionInvoker['invoke'],
    private readonly log: (line: string) => void,
  ) {}

  /** Begins a rotation and returns its version id; the steps go on behind, as in AWS. */
  public start(secret: Secret, token: string = randomUUID()): string {
    const { rotation } = secret;
    if (rotation === undefined) {
      throw new AwsError('InvalidRequestException', 'No Lambda rotation function ARN is associated with this secret.');
    }
    if (this.underWay.has(secret.arn)) {
      throw new AwsError(
        'InvalidRequestException',
        "A previous rotation isn't complete. That rotation will be reattempted.",
      );
    }
    const pending = secret.versions.find(({ stages }) => stages.includes(PENDING) && !stages.includes(CURRENT));
    const id = pending?.id ?? token;
    if (pending === undefined) {
      const version = secret.versions.find((candidate) => candidate.id === id) ?? {
        id,
        stages: [],
        created: Date.now() / 1000,
      };
      if (!secret.versions.includes(version)) secret.versions.push(version);
      this.store.move(secret, PENDING, version);
      this.store.save();
    }
    const run = this.steps(secret, rotation.lambdaArn, id).finally(() => this.underWay.delete(secret.arn));
    this.underWay.set(secret.arn, run);
    return id;
  }

  /** How many are under way. */
  public get running(): number {
    return this.underWay.size;
  }

  /** Resolves when no rotation is under way. */
  public async settle(): Promise<void> {
    while (this.running > 0) await Promise.all(this.underWay.values());
  }

  private async steps(secret: Secret, lambdaArn: string, id: string): Promise<void> {
    for (const step of STEPS) {
      let problem: string | undefined;
      try {
        const event = { Step: step, SecretId: secret.arn, ClientRequestToken: id };
        const result = await this.invoke(lambdaArn, event);
        if (result.functionError !== undefined) problem = JSON.stringify(result.payload);
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
      }
      if (problem !== undefined) {
        this.log(`rotation of ${secret.name} failed in ${step}: ${problem}`);
        return;
      }
    }
    secret.lastRotated = Date.now() / 1000;
    this.store.save();
  }
}
