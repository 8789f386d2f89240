import { useCast } from './event-sourced/cast';
import { describeLife } from './event-sourced/suites/life';
import { describeRules } from './event-sourced/suites/rules';
import { useClaims } from './event-sourced/world';

/** The expense claims of an EventSourcedApi over HTTP, with users of its pool. */

jest.setTimeout(60_000);

const world = useClaims();
const cast = useCast(world);

describe('a claim', () => describeLife(world, cast));
describe('rules', () => describeRules(world, cast));
