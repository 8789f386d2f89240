import { AwsError, Json, requireString } from '../aws/protocol';

/** An error of SQS, as its JSON protocol names it. */
export function sqsError(code: string, message: string, status = 400): AwsError {
  return new AwsError(code, message, status, {}, 'com.amazonaws.sqs');
}

/** A text that a call must have. */
export const required = (input: Json, name: string): string => requireString(input, name, 'MissingParameter');

/** A whole number within bounds; undefined where there is none. */
export function bounded(input: Json, name: string, from: number, to: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to) {
    throw sqsError(
      'InvalidParameterValue',
      `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${from} and ${to}, if provided.`,
    );
  }
  return value;
}
