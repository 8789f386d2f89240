import type { TestAnswer } from '../../../local/appsync/testing';

/** Shapes of answers, as the contract has them. */

export interface CommandResult {
  readonly commandId: string;
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly events: readonly string[];
}

/** Who reads a claim asks for some of it. */
export interface ViewedClaim {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly totalCents: number;
  readonly updatedAt: string;
  readonly expenses: readonly { readonly id: string }[];
}

export interface ClaimEvent {
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly schemaVersion: number;
  /** JSON. */
  readonly data: string;
  readonly occurredAt: string;
  readonly actor: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
}

export interface Page<Row> {
  readonly items: readonly Row[];
  readonly nextToken: string | null;
}

export const TIME = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string;

/** What a command that was accepted answers. */
export function resultOf(answer: TestAnswer, command: string): CommandResult {
  expect([answer.status, answer.errors]).toEqual([200, []]);
  const result = answer.data?.[command] as CommandResult;
  expect(result).toEqual({
    commandId: expect.any(String) as string,
    id: expect.any(String) as string,
    version: expect.any(Number) as number,
    status: 'ACCEPTED',
    events: expect.any(Array) as string[],
  });
  return result;
}

/** What errors of fields say beside where they are. */
export interface Refusal {
  readonly errorType: string;
  readonly message: string;
  readonly errorInfo: unknown;
}

/**
 * The only error of the only field that was asked for, in AppSync's shape.
 *
 * @param type its `errorType`
 */
export function refusalOf(answer: TestAnswer, field: string, type: string): Refusal {
  expect([answer.status, answer.errors]).toEqual([
    200,
    [
      {
        path: [field],
        data: null,
        errorType: type,
        errorInfo: answer.errors[0]?.errorInfo ?? null,
        locations: [{ line: expect.any(Number) as number, column: expect.any(Number) as number, sourceName: null }],
        message: expect.stringMatching(/\S/) as string,
      },
    ],
  ]);
  // A field that cannot be null takes all of the answer with it.
  expect(answer.data?.[field] ?? null).toBeNull();
  const [{ errorType, message, errorInfo }] = answer.errors;
  return { errorType: String(errorType), message, errorInfo };
}

/** A command that the rules of the domain refuse. @returns its code, and what is said about it */
export function rejectionOf(answer: TestAnswer, command: string): readonly [code: string, message: string] {
  const { errorInfo, message } = refusalOf(answer, command, 'CommandRejected');
  expect(errorInfo).toEqual({
    commandId: expect.any(String) as string,
    code: expect.stringMatching(/^[A-Z][A-Z0-9_]*$/) as string,
  });
  return [(errorInfo as { code: string }).code, message];
}

/** A command that comes too late for the version that it expects. @returns what its sender is told of versions */
export function conflictOf(answer: TestAnswer, command: string) {
  const { errorInfo } = refusalOf(answer, command, 'VersionConflict');
  expect(errorInfo).toEqual({
    expectedVersion: expect.any(Number) as number,
    currentVersion: expect.any(Number) as number,
  });
  return errorInfo as { readonly expectedVersion: number; readonly currentVersion: number };
}

/** An argument that is refused by its name. */
export function expectBadRequest(answer: TestAnswer, asked: string, field: string): void {
  const { errorInfo, message } = refusalOf(answer, asked, 'BadRequest');
  expect([errorInfo, message]).toEqual([{ field }, expect.stringContaining(field)]);
}

/** A field that the caller may not see, by AppSync's own judgement. */
export function expectUnauthorized(answer: TestAnswer, ...paths: readonly string[]): void {
  expect([answer.status, answer.errors.map(({ path, errorType }) => [path?.join('.'), errorType])]).toEqual([
    200,
    paths.map((path) => [path, 'Unauthorized']),
  ]);
  answer.errors.forEach(({ message }) => expect(message).toMatch(/^Not Authorized to access \w+ on type \w+$/));
}

/** A request that is none, before GraphQL reads it. */
export function expectHttpRefusal(answer: TestAnswer, status: number, errorType: string): void {
  expect([answer.status, answer.data, answer.errors]).toEqual([
    status,
    undefined,
    [{ errorType, message: expect.stringMatching(/\S/) as string }],
  ]);
}

/** A request that GraphQL refuses before any field is resolved. */
export function expectInvalid(answer: TestAnswer): string {
  expect([answer.status, answer.data]).toEqual([200, null]);
  expect(answer.errors.length).toBeGreaterThan(0);
  for (const { path, message } of answer.errors) expect([path, message]).toEqual([null, expect.stringMatching(/\S/)]);
  return answer.errors[0].message;
}
