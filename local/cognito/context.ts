import { Messages } from './messages';
import { Pools } from './pools';
import { Sessions } from './sessions';
import { Triggers } from './triggers';
import { Json } from '../aws/protocol';

/** What the operations of the API work with. */
export interface Context {
  readonly pools: Pools;
  readonly triggers: Triggers;
  readonly messages: Messages;
  readonly sessions: Sessions;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** One operation of the API. */
export interface Operation {
  /** Fields of the input that are obeyed, or have no meaning here; with any other it is refused. */
  readonly fields: readonly string[];
  run(input: Json): Json | Promise<Json>;
}

/** Operations by their names. */
export type Operations = Readonly<Record<string, Operation>>;
