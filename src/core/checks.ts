import { Duration, Token } from 'aws-cdk-lib';

/** Bounds of a numeric prop, both included. */
export interface NumberBounds {
  readonly min: number;
  readonly max?: number;
}

const boundsText = ({ min, max }: NumberBounds) => (max === undefined ? `at least ${min}` : `from ${min} to ${max}`);

/**
 * Refuses a number that is no integer or out of bounds, by the prop's name; a token is left to CloudFormation.
 *
 * @internal
 */
export function checkInteger(prop: string, value: number | undefined, bounds: NumberBounds): void {
  if (value === undefined || Token.isUnresolved(value)) {
    return;
  }
  if (!Number.isInteger(value) || value < bounds.min || value > (bounds.max ?? Number.MAX_SAFE_INTEGER)) {
    throw new Error(`${prop} must be an integer ${boundsText(bounds)}, got: ${value}`);
  }
}

/**
 * Refuses a duration out of bounds (in seconds), by the prop's name; a token is left to CloudFormation.
 *
 * @internal
 */
export function checkSeconds(prop: string, value: Duration | undefined, bounds: NumberBounds): void {
  if (value === undefined || value.isUnresolved()) {
    return;
  }
  const seconds = value.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < bounds.min || seconds > (bounds.max ?? Number.MAX_SAFE_INTEGER)) {
    throw new Error(`${prop} must be whole seconds ${boundsText(bounds)}, got: ${seconds}`);
  }
}

/**
 * Refuses a range whose least is above its most; tokens are left to CloudFormation.
 *
 * @internal
 */
export function checkOrder(minProp: string, min: number, maxProp: string, max: number): void {
  if (!Token.isUnresolved(min) && !Token.isUnresolved(max) && min > max) {
    throw new Error(`${minProp} must not be above ${maxProp} (${max}), got: ${min}`);
  }
}
