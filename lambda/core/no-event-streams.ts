/**
 * In the place of the SDK's event streams in every bundle: no call that functions make has one. The SDK loads them when
 * they are first needed, and what it loads so brings all that it could ever ask for.
 */

const unused = (): never => {
  throw new Error('A call with an event stream: functions are built without them');
};

/** @throws Error when it is used all the same */
export class EventStreamSerde {
  public constructor() {
    unused();
  }
}

/** Asked for with the first event stream. @throws Error */
export const eventStreamSerdeProvider = unused;

/** What clients of services that have such calls are made with. */
export const resolveEventStreamSerdeConfig = <T>(config: T): T => config;
