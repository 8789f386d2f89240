import { useCast } from './event-sourced/cast';
import { describeLife } from './event-sourced/suites/life';
import { describeLogs } from './event-sourced/suites/logs';
import { describePages } from './event-sourced/suites/pages';
import { describeRetries } from './event-sourced/suites/retries';
import { describeRights } from './event-sourced/suites/rights';
import { describeRules } from './event-sourced/suites/rules';
import { describeSubscriptions } from './event-sourced/suites/subscriptions';
import { describeWriters } from './event-sourced/suites/writers';
import { useClaims } from './event-sourced/world';

/** The expense claims of an EventSourcedApi over HTTP, with users of its pool. */

jest.setTimeout(60_000);

const world = useClaims();
const cast = useCast(world);

describe('a claim', () => describeLife(world, cast));
describe('rules', () => describeRules(world, cast));
describe('commands that come again', () => describeRetries(world, cast));
describe('rights', () => describeRights(world, cast));
describe('lists', () => describePages(world, cast));
describe('subscriptions', () => describeSubscriptions(world, cast));
describe('writers of one claim', () => describeWriters(world, cast));
describe('logs', () => describeLogs(world));
