import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiPage } from './api';
import { TrustedPool } from './authenticator';
import { DeployedApi } from './deployed-api';
import { OtherServices } from '../service';

/** The explorer as it was built: beside the command line's one file, or in the clone's assets. */
const FOLDERS = [join(__dirname, '..', 'graphql-explorer'), join(__dirname, '..', '..', 'assets', 'graphql-explorer')];

/** What the page loads, by its address below `/explorer/`. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['explorer.js', 'text/javascript; charset=utf-8'],
  ['graphiql.min.css', 'text/css; charset=utf-8'],
  ['graphiql.min.js', 'text/javascript; charset=utf-8'],
  ['react-dom.production.min.js', 'text/javascript; charset=utf-8'],
  ['react.production.min.js', 'text/javascript; charset=utf-8'],
]);

/** All that the page loads is of this server; it sends to the APIs and the user pools of this machine alone. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
    "connect-src 'self' http://localhost:* http://127.0.0.1:* ws://localhost:* ws://127.0.0.1:*; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** An API of the app, as its users know it. */
export interface ExploredApi {
  readonly deployed: DeployedApi;
  /** Where subscriptions are. */
  readonly realtimeUrl: string;
}

/** What the explorer knows of the app. */
interface ExplorerHost {
  readonly others: Pick<OtherServices, 'signIn'>;
  apis(): readonly ExploredApi[];
}

/**
 * The explorer of an API at `/` of its server, for the other APIs of the app too; nothing where the explorer is not
 * built, or nobody can sign in by a page.
 */
export function explorerPage(host: ExplorerHost): (api: DeployedApi, pools: readonly TrustedPool[]) => ApiPage {
  const folder = FOLDERS.find((candidate) => existsSync(candidate));
  return (api, pools) =>
    ({ method, path }) => {
      const name = path === '/' ? 'index.html' : /^\/explorer\/([\w.-]+)$/.exec(path)?.[1];
      if (folder === undefined || name === undefined || method !== 'GET') return undefined;
      const settings = name === 'explorer.json' ? settingsOf(host, api, pools) : undefined;
      const type = settings ? 'application/json' : name === 'index.html' ? 'text/html; charset=utf-8' : TYPES.get(name);
      if (type === undefined) return undefined;
      const body = settings ? Buffer.from(JSON.stringify(settings)) : readFileSync(join(folder, name));
      return { status: 200, headers: { ...HEADERS, 'content-type': type }, cookies: [], body };
    };
}

/** This API first, then the others of the app. */
function settingsOf({ apis, others }: ExplorerHost, api: DeployedApi, pools: readonly TrustedPool[]): object {
  const all = [...apis()].sort((one, other) => Number(other.deployed === api) - Number(one.deployed === api));
  const signIn = pools
    .flatMap(({ issuer, clients }) => (others.signIn(issuer) ?? []).map((address) => ({ address, clients })))
    .find(({ address, clients }) => clients?.test(address.clientId) ?? true)?.address;
  return {
    apis: all.map(({ deployed: { options }, realtimeUrl }) => ({
      name: options.name,
      url: `${options.url}/graphql`,
      realtimeUrl,
    })),
    signIn,
  };
}
