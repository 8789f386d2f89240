import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Bounds of a numeric prop, both included. */
export interface NumberBounds {
  readonly min: number;
  readonly max?: number;
}

const boundsText = ({ min, max }: NumberBounds) => (max === undefined ? `at least ${min}` : `from ${min} to ${max}`);

/**
 * An error about what a construct was given, with the construct's path.
 *
 * @internal
 */
export function failure(message: string, scope?: IConstruct): Error {
  return new Error(scope ? `${message} [at ${scope.node.path}]` : message);
}

/**
 * Refuses a number that is no integer or out of bounds, by the prop's name; a token is left to CloudFormation.
 *
 * @internal
 */
export function checkInteger(prop: string, value: number | undefined, bounds: NumberBounds, scope?: IConstruct): void {
  if (value === undefined || Token.isUnresolved(value)) {
    return;
  }
  if (!Number.isInteger(value) || value < bounds.min || value > (bounds.max ?? Number.MAX_SAFE_INTEGER)) {
    throw failure(`${prop} must be an integer ${boundsText(bounds)}, got: ${value}`, scope);
  }
}

/**
 * Refuses a duration out of bounds (in seconds), by the prop's name; a token is left to CloudFormation.
 *
 * @internal
 */
export function checkSeconds(
  prop: string,
  value: Duration | undefined,
  bounds: NumberBounds,
  scope?: IConstruct,
): void {
  if (value === undefined || value.isUnresolved()) {
    return;
  }
  const seconds = value.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < bounds.min || seconds > (bounds.max ?? Number.MAX_SAFE_INTEGER)) {
    throw failure(`${prop} must be whole seconds ${boundsText(bounds)}, got: ${seconds}`, scope);
  }
}

/**
 * The seconds of a duration that is reckoned with, within bounds. A token is refused: at synth it has no value, and
 * what follows from it would be arithmetic on a placeholder.
 *
 * @internal
 */
export function knownSeconds(prop: string, value: Duration, bounds: NumberBounds, scope?: IConstruct): number {
  if (value.isUnresolved()) {
    throw failure(`${prop} must be known at synth, because other durations follow from it, got: a token`, scope);
  }
  checkSeconds(prop, value, bounds, scope);
  return value.toSeconds();
}

/**
 * A number for an environment variable; a token keeps its meaning, which `String` would take from it.
 *
 * @internal
 */
export function numberText(value: number): string {
  return Tokenization.stringifyNumber(value);
}

/**
 * Refuses a range whose least is above its most; tokens are left to CloudFormation.
 *
 * @internal
 */
export function checkOrder(minProp: string, min: number, maxProp: string, max: number): void {
  if (!Token.isUnresolved(min) && !Token.isUnresolved(max) && min > max) {
    throw failure(`${minProp} must not be above ${maxProp} (${max}), got: ${min}`);
  }
}
