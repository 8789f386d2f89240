import { Stack, type StackProps } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FeedFanout, type ISocialTable, RealWorldApi, SocialTable } from 'cdk-social-backend';
import type { Construct } from 'constructs';

/** What the stack that is gone has left behind. */
export interface Retained {
  readonly tableArn: string;
  readonly tableStreamArn: string;
  readonly feedTable: string;
  readonly accountsTable: string;
  readonly signingKeyArn: string;
}

export class Data extends Stack {
  public readonly table: ISocialTable;
  public readonly feed: FeedFanout;

  public constructor(scope: Construct, id: string, retained: Retained, props?: StackProps) {
    super(scope, id, props);
    const { tableArn, tableStreamArn } = retained;
    this.table = SocialTable.fromSocialTableAttributes(this, 'Table', { tableArn, tableStreamArn });
    const feedTable = Table.fromTableName(this, 'Feeds', retained.feedTable);
    this.feed = new FeedFanout(this, 'Feed', { table: this.table, feedTable });
  }
}

export class Api extends Stack {
  public constructor(scope: Construct, id: string, { table, feed }: Data, retained: Retained, props?: StackProps) {
    super(scope, id, props);
    new RealWorldApi(this, 'Api', {
      table,
      feed,
      accountsTable: Table.fromTableName(this, 'Accounts', retained.accountsTable),
      signingKey: Secret.fromSecretCompleteArn(this, 'SigningKey', retained.signingKeyArn),
    });
  }
}
