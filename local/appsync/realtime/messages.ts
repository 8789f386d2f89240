import { isObject, JsonObject } from '../../assembly';

/** An error in a message. */
export interface MessageError {
  readonly errorType: string;
  readonly message: string;
  readonly errorCode?: number;
}

/** A message from a client. */
export type ClientMessage =
  | { readonly type: 'connection_init' }
  | { readonly type: 'start'; readonly id: string; readonly data: string; readonly headers: JsonObject }
  | { readonly type: 'stop'; readonly id: string };

/** A message that is none. */
export class BadMessage extends Error {
  public constructor(
    public readonly error: MessageError,
    /** Of the subscription that it would have been of. */
    public readonly id?: string,
  ) {
    super(error.message);
  }
}

/** @throws BadMessage */
export function readMessage(text: string): ClientMessage {
  const message = parseObject(text);
  if (message === undefined) {
    throw new BadMessage({ errorType: 'BadRequestException', message: 'The message is not JSON' });
  }
  const { type, id, payload } = message;
  if (type === 'connection_init') return { type };
  if (type !== 'start' && type !== 'stop') {
    const error = {
      errorType: 'UnsupportedOperation',
      message: `${printable(type)} not supported through the realtime channel`,
    };
    throw new BadMessage(error, typeof id === 'string' ? id : undefined);
  }
  if (typeof id !== 'string' || id === '') {
    throw new BadMessage({ errorType: 'BadRequestException', message: 'id has to be a string that is not empty' });
  }
  if (type === 'stop') return { type, id };
  const { data, extensions } = isObject(payload) ? payload : {};
  const headers = isObject(extensions) ? extensions.authorization : undefined;
  if (typeof data !== 'string' || !isObject(headers)) {
    const what = 'payload has to have data, as a string, and extensions.authorization';
    throw new BadMessage({ errorType: 'BadRequestException', message: what }, id);
  }
  return { type, id, data, headers };
}

const printable = (type: unknown): string =>
  typeof type === 'string' ? type.replace(/[^\w]/g, '').slice(0, 40) : 'unknown';

/** An object in JSON; undefined for anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
