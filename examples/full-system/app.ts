import { App, CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { FeedFanout, RealWorldApi, SocialTable } from 'cdk-social-backend';
import type { Construct } from 'constructs';

/** What holds data: kept when everything else is replaced. */
class DataStack extends Stack {
  public readonly table: SocialTable;

  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.table = new SocialTable(this, 'Table', stateOf(this));
  }
}

interface WithTable extends StackProps {
  readonly table: SocialTable;
}

/** Fills the feeds from the table's stream. */
class FeedStack extends Stack {
  public readonly feed: FeedFanout;

  public constructor(scope: Construct, id: string, props: WithTable) {
    super(scope, id, props);
    this.feed = new FeedFanout(this, 'Feed', { table: props.table, ...stateOf(this) });
  }
}

/** The RealWorld API on both. */
class RealWorldStack extends Stack {
  public constructor(scope: Construct, id: string, props: WithTable & { readonly feed: FeedFanout }) {
    super(scope, id, props);
    const api = new RealWorldApi(this, 'Api', { table: props.table, feed: props.feed, ...stateOf(this) });
    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'RealWorld API' });
    new CfnOutput(this, 'DocsUrl', { value: api.docsUrl, description: 'RealWorld API documents' });
  }
}

/** `cdk deploy -c ephemeral=true` makes a system that `cdk destroy` removes with its data; otherwise data is kept. */
function stateOf(scope: Construct) {
  const ephemeral = scope.node.tryGetContext('ephemeral') === 'true';
  return { removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN };
}

const app = new App();
const data = new DataStack(app, 'SocialData', { description: 'Social graph and content' });
const feed = new FeedStack(app, 'SocialFeed', { description: 'Feeds', table: data.table });
new RealWorldStack(app, 'RealWorld', { description: 'RealWorld API', table: data.table, feed: feed.feed });

// Every synthesis is checked, here and in your pipeline; a finding fails it.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
