import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from '../json-file';
import { ClientSettings, PoolSettings } from './settings';
import { isPassword, makeVerifier } from './srp';
import { KeptKey, TokenKeys, TokenUse } from './tokens';
import { Group, RefreshToken, User, UserStatus } from './user';

/** What of a pool outlives a run. */
interface Kept {
  readonly keys: Readonly<Record<TokenUse, KeptKey>>;
  readonly users: readonly User[];
  readonly refreshTokens: Readonly<Record<string, RefreshToken>>;
  readonly clientSecrets: Readonly<Record<string, string>>;
  /** Groups that calls made; those of the template are there again. */
  readonly groups: readonly Group[];
}

/** What a pool is made with beside what the template says. */
export interface PoolSurroundings {
  /** Folder that outlives the run. */
  readonly dataDir: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly makeKeys: () => Promise<TokenKeys>;
}

/** A user pool with its clients, users and keys. */
export class UserPool {
  /** Makes a pool, or takes up what an earlier run kept of it. */
  public static async open(settings: PoolSettings, { dataDir, now, makeKeys }: PoolSurroundings): Promise<UserPool> {
    const file = dataDir === undefined ? undefined : join(dataDir, 'cognito', `${settings.id}.json`);
    const kept = (file === undefined ? undefined : readJson(file)) as Kept | undefined;
    const keys = kept === undefined ? await makeKeys() : TokenKeys.from(kept.keys);
    const pool = new UserPool(settings, keys, now, file, kept);
    pool.save();
    return pool;
  }

  public readonly clients = new Map<string, ClientSettings>();
  public readonly groups = new Map<string, Group>();
  private readonly byName = new Map<string, User>();
  private readonly refreshTokens = new Map<string, RefreshToken>();
  private readonly clientSecrets: Record<string, string>;

  private constructor(
    public readonly settings: PoolSettings,
    public readonly keys: TokenKeys,
    /** Milliseconds since 1970. */
    public readonly now: () => number,
    private readonly file: string | undefined,
    kept: Kept | undefined,
  ) {
    for (const user of kept?.users ?? []) this.byName.set(user.username, user);
    for (const group of kept?.groups ?? []) this.groups.set(group.name, group);
    for (const [hash, token] of Object.entries(kept?.refreshTokens ?? {})) this.refreshTokens.set(hash, token);
    this.clientSecrets = { ...kept?.clientSecrets };
  }

  public get users(): readonly User[] {
    return [...this.byName.values()];
  }

  /** Writes down what changed, where data lasts. */
  public save(): void {
    if (this.file === undefined) return;
    const now = this.now();
    for (const [hash, { expires }] of this.refreshTokens) if (expires < now) this.refreshTokens.delete(hash);
    writeJson(this.file, {
      keys: this.keys.kept(),
      users: this.users,
      refreshTokens: Object.fromEntries(this.refreshTokens),
      clientSecrets: this.clientSecrets,
      groups: [...this.groups.values()],
    } satisfies Kept);
  }

  /** The secret of a client, made once. */
  public secretOf(clientId: string): string {
    this.clientSecrets[clientId] ??= BigInt(`0x${randomBytes(34).toString('hex')}`)
      .toString(36)
      .padStart(51, '0')
      .slice(0, 51);
    this.save();
    return this.clientSecrets[clientId];
  }

  /** Two names or addresses for one. */
  public same(left: string, right: string): boolean {
    return this.settings.caseSensitive ? left === right : left.toLowerCase() === right.toLowerCase();
  }

  /** By user name, or by what signs in for it. */
  public find(name: string): User | undefined {
    const exact = this.byName.get(name);
    if (exact !== undefined) return exact;
    const { emailIsUsername, emailIsAlias } = this.settings;
    return this.users.find(
      ({ username, attributes: { email, email_verified: verified } }) =>
        this.same(username, name) ||
        (email !== undefined && (emailIsUsername || (emailIsAlias && verified === 'true')) && this.same(email, name)),
    );
  }

  /** Who signs in with an e-mail address, or has it verified. */
  public ownerOfEmail(email: string): User | undefined {
    const { emailIsUsername } = this.settings;
    return this.users.find(
      ({ attributes }) =>
        attributes.email !== undefined &&
        (emailIsUsername || attributes.email_verified === 'true') &&
        this.same(attributes.email, email),
    );
  }

  public add(name: string, attributes: Readonly<Record<string, string>>, status: UserStatus): User {
    const sub = randomUUID();
    const now = this.now();
    const user: User = {
      username: this.settings.emailIsUsername ? sub : this.settings.caseSensitive ? name : name.toLowerCase(),
      sub,
      attributes: { ...attributes },
      status,
      enabled: true,
      created: now,
      modified: now,
      groups: [],
      codes: {},
      wrongPasswords: 0,
      lastWrongPassword: 0,
      lockedUntil: 0,
      attempts: {},
      signedOutAt: 0,
    };
    this.byName.set(user.username, user);
    return user;
  }

  public remove(user: User): void {
    this.byName.delete(user.username);
    for (const [hash, { username }] of this.refreshTokens) {
      if (username === user.username) this.refreshTokens.delete(hash);
    }
  }

  public setPassword(user: User, password: string): void {
    user.password = makeVerifier(this.settings.id, user.username, password);
    user.temporaryUntil = undefined;
  }

  public hasPassword(user: User, password: string): boolean {
    return user.password !== undefined && isPassword(this.settings.id, user.username, password, user.password);
  }

  /** Makes a refresh token; only a hash of it is kept. */
  public addRefreshToken(token: RefreshToken): string {
    const text = randomBytes(192).toString('base64url');
    this.refreshTokens.set(hashOf(text), token);
    return text;
  }

  public refreshToken(text: string): RefreshToken | undefined {
    return this.refreshTokens.get(hashOf(text));
  }

  /** True where the refresh token that an access token goes back to was revoked. */
  public isOriginRevoked(origin: unknown): boolean {
    return [...this.refreshTokens.values()].some((token) => token.revoked && token.origin === origin);
  }

  /** Ends every session of a user. */
  public signOut(user: User): void {
    user.signedOutAt = this.now();
    for (const token of this.refreshTokens.values()) if (token.username === user.username) token.revoked = true;
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
