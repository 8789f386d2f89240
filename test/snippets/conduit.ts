import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { FeedFanout, RealWorldApi, SocialEvent, SocialTable, TableBilling } from 'cdk-social-backend';
import type { Construct } from 'constructs';

export class Conduit extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // A table and feeds with bounds of your own.
    const table = new SocialTable(this, 'Table', {
      billing: TableBilling.onDemand({ maxReadRequestUnits: 4000, maxWriteRequestUnits: 1000 }),
    });
    const feed = new FeedFanout(this, 'Feed', { table, feedTtl: Duration.days(30), readCap: 500 });
    const api = new RealWorldApi(this, 'Api', {
      table,
      feed,
      corsAllowOrigins: ['https://conduit.example.com'],
      passwordMinimumLength: 12,
      alarmThresholds: { latency: { Warning: 1000, Critical: 3000 } },
    });

    // A queue that is told of every comment.
    const comments = table.addStreamConsumer('Notifications', { events: [SocialEvent.COMMENT_CREATED] });
    this.exportValue(comments.queue.queueUrl);

    // Every function is reachable, by the name of its operation.
    const list = api.functions.GetArticles.node.defaultChild as CfnFunction;
    list.memorySize = 1024;
  }
}
