import { describeBadInput } from './event-sourced/bad-input';
import { useCast } from './event-sourced/cast';
import { describeLogs } from './event-sourced/suites/logs';
import { useClaims } from './event-sourced/world';

/** What clients of an EventSourcedApi may send that is wrong, and text that others might take for more than text. */

jest.setTimeout(60_000);

const world = useClaims();
const cast = useCast(world);

describe('bad input', () => describeBadInput(world, cast));
describe('logs', () => describeLogs(world));
