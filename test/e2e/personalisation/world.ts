import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { startApp, type StartOptions } from '../../../local/runner';
import type { RunningApp } from '../../../local/running-app';
import { assemblyOf } from '../../support/assemblies';
import { type Answer, client, type RequestOptions } from '../client';

/** `examples/personalisation` as it runs, and a client of its API. */
export interface PersonalisationRun {
  readonly app: RunningApp;
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Every item of the table. */
  items(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export const EXAMPLE = join(__dirname, '..', '..', '..', 'examples', 'personalisation');

/** The profile that the example brings. */
export const TEST_PROFILE = JSON.parse(readFileSync(join(EXAMPLE, 'test_profile.json'), 'utf8')) as {
  readonly id: string;
  readonly tags: readonly string[];
  readonly segments: readonly {
    readonly type: string;
    readonly categories: object[];
    readonly top_categories: string[];
  }[];
};

export async function startPersonalisation(options: Partial<StartOptions> = {}): Promise<PersonalisationRun> {
  // Each process is a cold start; more of them are no faster where cores are few.
  const app = await startApp({ assembly: await assemblyOf('personalisation'), port: 0, maxProcesses: 2, ...options });
  const { ApiUrl, TableName } = app.outputs.Personalisation as Record<string, string>;
  const http = client(ApiUrl);
  const db = new DynamoDBClient({ ...app.aws });
  return {
    app,
    send: (method, path, more) => http.request(method, path, more),
    items: async () => {
      const all: Record<string, unknown>[] = [];
      for await (const { Items = [] } of paginateScan({ client: db }, { TableName, ConsistentRead: true })) {
        all.push(...Items.map((item) => unmarshall(item)));
      }
      return all;
    },
    close: async () => {
      db.destroy();
      await app.close();
    },
  };
}

/** A profile of nobody else. */
export const newProfile = (more: object = {}) => ({ ...TEST_PROFILE, id: randomUUID(), ...more });
