import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AwsError } from '../aws/protocol';
import { readJson, writeJson } from '../json-file';

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
export const PENDING = 'AWSPENDING';

/** One version of a secret; a version that a rotation has only announced has no value. */
export interface SecretVersion {
  readonly id: string;
  stages: string[];
  secretString?: string;
  /** Base64. */
  secretBinary?: string;
  /** Epoch seconds. */
  readonly created: number;
}

/** A secret with its versions. */
export interface Secret {
  readonly name: string;
  readonly arn: string;
  description?: string;
  readonly created: number;
  changed: number;
  versions: SecretVersion[];
  rotation?: { readonly lambdaArn: string; readonly rules?: unknown; readonly applied: string };
  lastRotated?: number;
}

/** The secrets of the run, kept in a data folder where there is one. */
export class SecretStore {
  private readonly file: string | undefined;
  private readonly secrets: Record<string, Secret>;

  public constructor(
    dataDir: string | undefined,
    private readonly arnPrefix: string,
  ) {
    this.file = dataDir === undefined ? undefined : join(dataDir, 'secrets.json');
    this.secrets = (this.file === undefined ? {} : (readJson(this.file) ?? {})) as Record<string, Secret>;
  }

  /** Finds or makes the secret of a name. */
  public ensure(name: string): Secret {
    const now = Date.now() / 1000;
    const suffix = randomBytes(16)
      .toString('base64')
      .replace(/[^A-Za-z0-9]/g, '')
      .slice(0, 6)
      .padEnd(6, 'x');
    this.secrets[name] ??= {
      name,
      arn: `${this.arnPrefix}${name}-${suffix}`,
      created: now,
      changed: now,
      versions: [],
    };
    return this.secrets[name];
  }

  /** By ARN, by name, or by an ARN without the random end. */
  public find(id: string): Secret | undefined {
    return Object.values(this.secrets).find(({ name, arn }) => id === arn || id === name || id === arn.slice(0, -7));
  }

  public get(id: string): Secret {
    const secret = this.find(id);
    if (secret === undefined) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return secret;
  }

  /** Gives a stage to a version, as AWS does: one version a stage, and what was current becomes previous. */
  public move(secret: Secret, stage: string, to: SecretVersion | undefined): void {
    const from = secret.versions.find(({ stages }) => stages.includes(stage));
    if (from === to) return;
    if (from !== undefined) from.stages = from.stages.filter((name) => name !== stage);
    to?.stages.push(stage);
    if (stage === CURRENT && from !== undefined) this.move(secret, PREVIOUS, from);
    if (stage === CURRENT && to !== undefined) to.stages = to.stages.filter((name) => name !== PREVIOUS);
    secret.changed = Date.now() / 1000;
    // AWS deletes versions without a stage some day; here nothing refers to them.
    secret.versions = secret.versions.filter((version) => version.stages.length > 0 || version === to);
  }

  public save(): void {
    if (this.file !== undefined) writeJson(this.file, this.secrets);
  }
}
