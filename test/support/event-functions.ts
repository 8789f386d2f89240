import type { Context } from 'aws-lambda';
import { startTestEngine, type TestEngine, type TestTables } from './engine';
import { setEnvironment } from './function-environment';
import type { StubServer } from './stub-server';

/** Functions of the event-sourced API as they are shipped, on a real engine. */
export interface EventFunctions {
  /** There from the first `beforeAll` of the file on, and empty in each test. */
  readonly tables: TestTables;
  /** Loads the handler of a function, by its folder. */
  load<Handler>(name: 'decide' | 'operations' | 'project'): Handler;
  /** The rows of a view, its lists included. */
  rowsOf(view: string): Promise<Record<string, unknown>[]>;
}

/**
 * For all tests of a file, before anything of its own.
 *
 * @param domain what is brought beside the functions
 * @param environment what only some functions have, asked once servers listen
 */
export function useEventFunctions(
  domain: unknown,
  environment: () => Readonly<Record<string, string>>,
): EventFunctions {
  let engine: TestEngine;
  let tables: TestTables;
  beforeAll(async () => {
    engine = await startTestEngine();
    tables = await engine.tables();
    setEnvironment({
      AWS_ENDPOINT_URL: engine.endpoint,
      EVENT_TABLE: tables.social,
      READ_MODEL_TABLE: tables.feed,
      DEAD_LETTER_QUEUE_URL: 'https://sqs.example/dead',
      ...environment(),
    });
    jest.doMock('../../lambda/event-sourced-api/domain.js', () => ({ domain }), { virtual: true });
  });
  afterAll(() => engine.close());
  beforeEach(() => Promise.all([tables.clear(tables.social), tables.clear(tables.feed)]));
  return {
    get tables() {
      return tables;
    },
    load: <Handler>(name: string) =>
      jest.requireActual<{ handler: Handler }>(`../../lambda/event-sourced-api/${name}`).handler,
    rowsOf: async (view) => (await tables.items(tables.feed)).filter(({ PK }) => String(PK).startsWith(`${view}#`)),
  };
}

/** What the function of operators answers to commands, with time enough. */
export type OperationsHandler<Answer = object> = (event: unknown, context: Context) => Promise<Answer>;

export const contextWith = (remaining = () => 120_000) => ({ getRemainingTimeInMillis: remaining }) as Context;

/** A change of a view that was published, and how its request was signed. */
export interface Publication {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
}

/** Lets an AppSync take what is published. @returns what was, in this test */
export function usePublications(appSync: StubServer): () => readonly Publication[] {
  let published: Publication[];
  beforeEach(() => {
    published = [];
    appSync.listener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { variables } = JSON.parse(Buffer.concat(chunks).toString()) as Pick<Publication, 'variables'>;
        published.push({ variables, authorization: request.headers.authorization });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"publishViewChange":{}}}');
      });
    };
  });
  return () => published;
}
