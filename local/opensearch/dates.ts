/** `strict_date_optional_time||epoch_millis`, the format of dates that a mapping does not give another. */
const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/;

/** A moment to the millisecond: the only text that a range takes here, since others are rounded by which bound they are. */
const WHOLE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}(Z|[+-]\d{2}:?\d{2})?$/;

/** Milliseconds since 1970; undefined for what is no date. Four digits are a year, as text and as a number. */
export function epochMillis(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  const match = DATE.exec(text);
  if (match === null) return wholeMillis(text);
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    match;
  const offset = zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const millis = fraction.padEnd(3, '0').slice(0, 3);
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${offset}`);
  // The 30th of February is parsed as the 2nd of March.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return Number.isNaN(time) || !isDay ? undefined : time;
}

/** Milliseconds as a number, of which parts of one fall off. */
function wholeMillis(text: string): number | undefined {
  const millis = Math.trunc(Number(text));
  return /^-?\d+(\.\d+)?$/.test(text) && Number.isSafeInteger(millis) ? millis : undefined;
}

/** The bound of a range; undefined for what is no moment to the millisecond. */
export function exactMillis(value: unknown): number | undefined {
  const text = String(value);
  return WHOLE.test(text) || /^-?\d{5,}$/.test(text) ? epochMillis(value) : undefined;
}
