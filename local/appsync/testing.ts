import { SessionCredentials } from '../running-app';
import { signedHeaders } from '../signing';
import { AnswerError } from './execution/errors';

/** By what a test shows who it is: a token of a user pool, or the credentials of a role. */
export type TestAuthorization =
  | { readonly token: string }
  | {
      readonly region: string;
      readonly credentials: Omit<SessionCredentials, 'sessionToken'> & Partial<SessionCredentials>;
    };

/** An answer of an API. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly AnswerError[];
}

/** Asks an API as one caller. */
export type GraphqlClient = (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<TestAnswer>;

/** Headers that show to an API who sends a body; none for a caller that shows nothing. */
async function authorizationHeaders(
  url: string,
  body: string,
  authorization: TestAuthorization | undefined,
): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json' };
  if (authorization === undefined) return headers;
  if ('token' in authorization) return { ...headers, authorization: authorization.token };
  return signedHeaders(url, { method: 'POST', headers, body }, { ...authorization, service: 'appsync' });
}

/** @param url of the API, `http://localhost:PORT/graphql` */
export function graphqlClient(url: string, authorization?: TestAuthorization): GraphqlClient {
  return async (query, variables) => {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(url, {
      method: 'POST',
      headers: await authorizationHeaders(url, body, authorization),
      body,
    });
    const answer = (await response.json()) as Partial<TestAnswer>;
    return { errors: [], ...answer, status: response.status, headers: response.headers };
  };
}
