import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { marshall } from '@aws-sdk/util-dynamodb';
import { JWKS_KEY } from '../../lambda/auth/account-keys';
import { FOLLOW } from '../../lambda/social-table/entities';
import { startEngine } from '../../local/dynamodb/engine';
import { SCHEMAS } from '../../test/support/engine';
import { newPair } from '../../test/support/keys';

/** What functions talk to: tables on a local engine, the secret that tokens are signed with, and an index without hits. */
export interface World {
  /** The environment of a function. */
  readonly env: Readonly<Record<string, string>>;
  /** Follows are as the stream leaves them: the articles of whom they follow are in the feed, and were for long. */
  fillFollows(): Promise<void>;
  close(): Promise<void>;
}

const TABLES = { TABLE_NAME: 'social', ACCOUNTS_TABLE_NAME: 'accounts', FEED_TABLE_NAME: 'feed' };
const SCHEMA_OF = { social: SCHEMAS.social, accounts: SCHEMAS.accounts, feed: SCHEMAS.feed };

/** As the constructs reckon them by default, or near it. */
const SETTINGS = {
  // Nothing fans out here, and nothing is indexed: for as long as a run takes, feeds and searches show what is overlaid.
  OVERLAY_WINDOW_SECONDS: '86400',
  CLEAN_UP_WINDOW_SECONDS: '240',
  ITEM_CACHE_TTL_SECONDS: '45',
  FEED_READ_CAP: '1000',
  FEED_TTL_SECONDS: '7776000',
  PASSWORD_MINIMUM_LENGTH: '8',
  SEARCH_SERVICE: 'es',
  SEARCH_ALIAS: 'articles',
  SEARCH_TIMEOUT_MS: '5000',
  SEARCH_WINDOW_SECONDS: '86400',
  SEARCH_DELETED_WINDOW_SECONDS: '86400',
};

const NO_HITS = JSON.stringify({
  timed_out: false,
  _shards: { failed: 0 },
  hits: { total: { value: 0 }, hits: [] },
  aggregations: { tags: { buckets: [] } },
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Starts it, with a key pair of this run's own. */
export async function startWorld(): Promise<World> {
  const engine = await startEngine({});
  const { signing, keys } = await newPair('bench');
  for (const [TableName, schema] of Object.entries(SCHEMA_OF)) {
    await engine.client.call('CreateTable', { TableName, ...schema });
  }
  const Item = marshall({ ...JWKS_KEY, ...keys });
  await engine.client.call('PutItem', { TableName: TABLES.ACCOUNTS_TABLE_NAME, Item });
  const server = createServer((request, response) => {
    void textOf(request).then(async (body) => {
      const [service, operation] = String(request.headers['x-amz-target'] ?? '').split('.');
      const { status, text } =
        service === ''
          ? { status: 200, text: NO_HITS }
          : service === 'secretsmanager'
            ? { status: 200, text: JSON.stringify({ SecretString: JSON.stringify(signing) }) }
            : await engine.client.raw(service, operation, body);
      response.writeHead(status, {
        'content-type': service === '' ? 'application/json' : 'application/x-amz-json-1.0',
      });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: {
      // One line of what toolchain the SDK will ask for next year.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: url,
      SIGNING_KEY_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:signing-key',
      ...TABLES,
      ...SETTINGS,
      SEARCH_ENDPOINT: url,
    },
    fillFollows: async () => {
      const { Items } = (await engine.client.call('Scan', {
        TableName: TABLES.TABLE_NAME,
        FilterExpression: 'entityType = :follow',
        ExpressionAttributeValues: { ':follow': { S: FOLLOW.type } },
      })) as { Items: Record<string, object>[] };
      for (const { PK, SK } of Items) {
        const UpdateExpression = 'SET filledAt = :long';
        const ExpressionAttributeValues = { ':long': { N: '0' } };
        const update = { TableName: TABLES.TABLE_NAME, Key: { PK, SK }, UpdateExpression, ExpressionAttributeValues };
        await engine.client.call('UpdateItem', update);
      }
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await engine.close();
    },
  };
}
