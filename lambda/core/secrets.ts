import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from './client-config';
import { logWarning } from './logger';

/** Bounds of a reader, in ms. */
export interface SecretReaderOptions {
  /** How long a value is used before it is read again: within this time a rotated secret is in use. @default 5 minutes */
  readonly ttl?: number;
  /**
   * The least time between two reads, however often a fresh value is asked for: whoever sends wrong keys does not get
   * one call of Secrets Manager a request. @default 10 seconds, or `ttl` where that is less
   */
  readonly minimumAge?: number;
  /**
   * How long beyond `ttl` a value is used while Secrets Manager cannot be reached. A secret that is gone, or may not be
   * read any more, is not used beyond its `ttl`. @default 15 minutes
   */
  readonly staleFor?: number;
  /** All attempts of one read together. @default 4 seconds */
  readonly timeout?: number;
}

const DEFAULTS: Required<SecretReaderOptions> = { ttl: 300_000, minimumAge: 10_000, staleFor: 900_000, timeout: 4000 };

/** A secret that could not be read. Says why by the name of AWS's error, and neither a value nor an ARN. */
export class SecretUnreadable extends Error {
  public constructor(
    public readonly reason: string,
    /** Whether the same read may succeed in a moment: nothing is known of the secret itself. */
    public readonly transient: boolean = false,
  ) {
    super(`A secret could not be read: ${reason}`);
    this.name = 'SecretUnreadable';
  }
}

interface Cached {
  readonly text: string;
  readonly readAt: number;
  /** Parsed on first use. */
  json?: { readonly value: unknown };
}

/** What Secrets Manager says of a secret or of who asks; anything else may pass. */
const FINAL = new Set([
  'AccessDeniedException',
  'DecryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'ResourceNotFoundException',
]);

let client: SecretsManagerClient | undefined;

/** Ends a read in time, whatever it waits for: a signal alone does not end a body that stops. */
async function within<T>(ms: number, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SecretUnreadable('TimeoutError', true));
      controller.abort();
    }, ms);
  });
  try {
    return await Promise.race([read(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function fetchText(secretId: string, timeout: number): Promise<string> {
  client ??= new SecretsManagerClient(clientConfig());
  const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: 'AWSCURRENT' });
  const sender = client;
  try {
    const answer = await within(timeout, (abortSignal) => sender.send(command, { abortSignal }));
    if (answer.SecretString === undefined) {
      throw new SecretUnreadable('it holds no text');
    }
    return answer.SecretString;
  } catch (error) {
    if (error instanceof SecretUnreadable) {
      throw error;
    }
    // AWS's message names the ARN, and whatever else it likes.
    const name = error instanceof Error ? error.name : typeof error;
    throw new SecretUnreadable(name, !FINAL.has(name));
  }
}

/**
 * A secret of AWS Secrets Manager, kept for a while: read on first use, by one call for all who wait for it, and again
 * once its time is over, so that what a rotation has made current comes into use. Values are neither logged nor part of
 * any error.
 *
 * Make one for each secret, outside the handler.
 *
 * @param secretId name or ARN; the function needs `secretsmanager:GetSecretValue` on it
 */
export class SecretReader {
  private readonly options: Required<SecretReaderOptions>;
  private cached?: Cached;
  private reading?: Promise<Cached>;
  /** When the last read was begun, whether or not it went well. */
  private askedAt = -Infinity;

  public constructor(
    private readonly secretId: string,
    options: SecretReaderOptions = {},
  ) {
    const given = { ...DEFAULTS, ...options };
    this.options = { ...given, minimumAge: options.minimumAge ?? Math.min(DEFAULTS.minimumAge, given.ttl) };
  }

  /**
   * The value as text.
   *
   * @param fresh asks for what is current now, as far as `minimumAge` allows: what is older is read again
   * @throws SecretUnreadable
   */
  public async text({ fresh = false } = {}): Promise<string> {
    return (await this.current(fresh)).text;
  }

  /**
   * The value, parsed as JSON once for each time that it is read. Whoever gets it must not change it.
   *
   * @param fresh as of `text`
   * @throws SecretUnreadable also where the value is no JSON; it is then read again for the next caller
   */
  public async json({ fresh = false } = {}): Promise<unknown> {
    const cached = await this.current(fresh);
    try {
      cached.json ??= { value: JSON.parse(cached.text) as unknown };
    } catch {
      // Its message quotes the secret.
      if (this.cached === cached) {
        this.cached = undefined;
      }
      throw new SecretUnreadable('it holds no JSON');
    }
    return cached.json.value;
  }

  private async current(fresh: boolean): Promise<Cached> {
    const { cached } = this;
    const now = Date.now();
    if (cached && !fresh && now - cached.readAt <= this.options.ttl) {
      return cached;
    }
    // Also what is old, where the last read did not go well and is but a moment ago.
    if (cached && !this.reading && now - this.askedAt < this.options.minimumAge) {
      return cached;
    }
    this.reading ??= this.read(now).finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(now: number): Promise<Cached> {
    const before = this.cached;
    this.askedAt = now;
    try {
      this.cached = { text: await fetchText(this.secretId, this.options.timeout), readAt: now };
      return this.cached;
    } catch (error) {
      const { ttl, staleFor } = this.options;
      const isUsable = error instanceof SecretUnreadable && error.transient;
      if (before && isUsable && now - before.readAt <= ttl + staleFor) {
        await logWarning('a secret could not be read again: what was read before is used', error);
        return before;
      }
      this.cached = undefined;
      throw error;
    }
  }
}
