import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { BoundFeedTable, FeedSource } from './feed-source';
import { FEED_KEY_PREFIXES } from './key-prefixes';
import { SourceStream, sourceText } from './source-stream';
import { failure, numberText } from '../core/checks';
import { ItemRights } from '../core/endpoint';
import { FunctionOptions } from '../core/function-options';
import { boundAttributes } from '../core/key-conditions';
import { leadingKeys } from '../core/leading-keys';
import { grantOnKeys } from '../core/table-grants';
import { ISocialTable } from '../social-table/i-social-table';
import { SOCIAL_KEY_PREFIXES, SocialItemKind } from '../social-table/key-prefixes';
import { SocialStreamConsumer, SocialStreamConsumerOptions } from '../social-table/social-stream-consumer';

/**
 * Where it is known who follows whom and what there is to show: in a SocialTable, or in tables of a user's own.
 *
 * @internal
 */
export interface FeedGraph {
  readonly table?: ISocialTable;
  /** The worker that reads it. */
  readonly workerCode: string;
  /** What the worker must know of it. */
  readonly environment: Record<string, string>;
  /** What the worker does with rows of the feed table. */
  readonly feedRights: ItemRights<keyof typeof FEED_KEY_PREFIXES>;
  /** Has the queue of the worker told of its changes. */
  consume(options: SocialStreamConsumerOptions): SocialStreamConsumer;
  grantToWorker(worker: lambda.Function): void;
}

/** Id of the consumer below a SocialTable: it has one FeedFanout. */
const CONSUMER = 'FeedFanout';

/** Attributes of a followee's edge that the worker's updates name, in their conditions too. */
const FOLLOWER_ATTRIBUTES = ['PK', 'SK', 'awakeSince', 'dormant'];

/** @internal */
export function graphOfSocialTable(scope: Construct, table: ISocialTable, activeWithin?: Duration): FeedGraph {
  if (table.node.tryFindChild(CONSUMER)) {
    throw failure(`table takes one FeedFanout: use the one it has, got another for ${table.node.path}`, scope);
  }
  return {
    table,
    workerCode: 'feed-fanout/worker',
    environment: {
      TABLE_NAME: table.tableName,
      ...(activeWithin && { FEED_ACTIVE_SECONDS: numberText(activeWithin.toSeconds()) }),
    },
    feedRights: {
      BatchWriteItem: ['feed', 'authored', 'removals'],
      Query: ['feed', 'authored', 'removals'],
      GetItem: ['authored', 'pulled'],
      PutItem: ['authored', 'pulled'],
      UpdateItem: ['pulled'],
    },
    consume: (options) => table.addStreamConsumer(CONSUMER, options),
    grantToWorker: (worker) => {
      const grant = (action: string, ...kinds: SocialItemKind[]) =>
        table.grantOnKeys(worker, [`dynamodb:${action}`], leadingKeys(SOCIAL_KEY_PREFIXES, kinds));
      grant('GetItem', 'article', 'follow');
      // Those of a reader, to end that they are dormant: also where activeWithin was set once, and is not any more.
      grant('Query', 'article', 'follow', 'follower');
      // It notes on a follow that the feed has its articles, and on both edges whether it is dormant. It makes none.
      grant('UpdateItem', 'follow');
      boundAttributes(grant('UpdateItem', 'follower'), FOLLOWER_ATTRIBUTES);
      if (activeWithin) {
        grant('GetItem', 'feedReader');
        grant('PutItem', 'feedReader');
      }
    },
  };
}

/** @internal */
export function graphOfTables(scope: Construct, feedSource: FeedSource, functionOptions: FunctionOptions): FeedGraph {
  const source = feedSource._bind(scope);
  const read = (worker: lambda.Function, { table, partition }: BoundFeedTable) =>
    grantOnKeys(table, worker, ['dynamodb:GetItem', 'dynamodb:Query'], [`${partition.prefix}*`]);
  return {
    workerCode: 'feed-fanout/tables-worker',
    environment: { FEED_SOURCE: sourceText(scope, source) },
    // Nothing is noted of follows, and so not of removals.
    feedRights: {
      BatchWriteItem: ['feed', 'authored'],
      Query: ['feed', 'authored'],
      GetItem: ['authored', 'pulled'],
      PutItem: ['authored', 'pulled'],
      UpdateItem: ['pulled'],
    },
    consume: ({ events, visibilityTimeout }) =>
      new SourceStream(scope, 'Source', { source, events, visibilityTimeout, functionOptions }).consumer,
    grantToWorker: (worker) => {
      read(worker, source.items);
      if (
        source.items.table !== source.followers.table ||
        source.items.partition.prefix !== source.followers.partition.prefix
      ) {
        read(worker, source.followers);
      }
    },
  };
}
