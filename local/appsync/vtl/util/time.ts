import { number, text, util, utilObject } from './functions';
import { VtlError, VtlObject } from '../values';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function parse(value: string): number {
  const time = ISO.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) throw new VtlError(`${JSON.stringify(value)} is no time of ISO 8601`);
  return time;
}

function iso(time: number): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) throw new VtlError(`${time} is no time`);
  return new Date(time).toISOString();
}

/** `$util.time`, after "Time helpers in $util.time" of the AppSync developer guide; its formats are not supported here. */
export function timeUtil(now: () => number): VtlObject {
  return utilObject('$util.time', {
    nowISO8601: util(0, () => iso(now())),
    nowEpochSeconds: util(0, () => Math.floor(now() / 1000)),
    nowEpochMilliSeconds: util(0, () => Math.floor(now())),
    parseISO8601ToEpochMilliSeconds: util(1, (value) => parse(text(value))),
    epochMilliSecondsToSeconds: util(1, (value) => Math.trunc(number(value) / 1000)),
    epochMilliSecondsToISO8601: util(1, (value) => iso(number(value))),
  });
}
