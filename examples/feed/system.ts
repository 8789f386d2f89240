import * as path from 'node:path';
import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { FeedFanout, FeedSource, HttpService, ServiceAuthorizer } from 'cdk-social-backend';
import { BY_FOLLOWER, ENDPOINTS } from './contract';

/** Built from the folder `lambda` beside this file: one folder an endpoint, and the API document. */
const BUILT = path.join(__dirname, 'assets', 'feed');

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

/** Posts and follows in tables of their own, and feeds that are filled from them. */
export function feedOfOwnTables(app: App): Stack {
  const stack = new Stack(app, 'Feed', { description: 'Feeds of posts and follows in tables of their own' });
  const usual = {
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    // Of any view: the keys say it all.
    stream: dynamodb.StreamViewType.KEYS_ONLY,
  };
  const posts = new dynamodb.Table(stack, 'Posts', { partitionKey: text('author'), sortKey: text('id'), ...usual });
  const follows = new dynamodb.Table(stack, 'Follows', {
    partitionKey: text('followee'),
    sortKey: text('follower'),
    ...usual,
  });
  // Whom one follows, for who reads a feed.
  follows.addGlobalSecondaryIndex({
    indexName: BY_FOLLOWER,
    partitionKey: text('follower'),
    sortKey: text('followee'),
    projectionType: dynamodb.ProjectionType.KEYS_ONLY,
  });

  const feed = new FeedFanout(stack, 'Fanout', {
    source: FeedSource.fromTables({
      items: { table: posts, author: { attribute: 'author' }, id: { attribute: 'id' } },
      followers: { table: follows, followee: { attribute: 'followee' }, follower: { attribute: 'follower' } },
    }),
  });

  const service = new HttpService(stack, 'Api', {
    directory: BUILT,
    openApi: path.join(BUILT, 'openapi.json'),
    endpoints: ENDPOINTS,
    // Whose feed it is stands in the path: put who may call in its place.
    authorizer: ServiceAuthorizer.open(),
    environment: {
      POSTS_TABLE_NAME: posts.tableName,
      FOLLOWS_TABLE_NAME: follows.tableName,
      FEED_TABLE_NAME: feed.feedTable.tableName,
    },
  });
  posts.grant(service.functionOf('Publish'), 'dynamodb:PutItem');
  posts.grant(service.functionOf('DeletePost'), 'dynamodb:DeleteItem');
  follows.grant(service.functionOf('Follow'), 'dynamodb:PutItem');
  follows.grant(service.functionOf('Unfollow'), 'dynamodb:DeleteItem');
  const reader = service.functionOf('ReadFeed');
  feed.grantReadFeed(reader);
  follows.grant(reader, 'dynamodb:Query');
  posts.grant(reader, 'dynamodb:BatchGetItem');

  new CfnOutput(stack, 'Url', { value: service.url });
  new CfnOutput(stack, 'DocsUrl', { value: service.docsUrl });
  return stack;
}
