/**
 * In the place of Node's `stream/web` in every bundle: functions answer with text, and what they are wrapped in asks for
 * the class of a stream only where one is answered with.
 */
export class ReadableStream {
  /** @throws Error when it is used all the same */
  public constructor() {
    throw new Error('A stream as an answer: functions are built without them');
  }
}
