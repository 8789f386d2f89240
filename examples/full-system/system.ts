import { type App, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  EventSourcedApi,
  FeedFanout,
  ItemsApi,
  PostsApi,
  RealWorldApi,
  SearchIndexPipeline,
  SearchIngestion,
  ServiceAuthorizer,
  SocialTable,
} from 'cdk-social-backend';
import type { Construct } from 'constructs';
import { eventSourcingOptions, eventSourcingOutputs } from '../event-sourcing/system';
import { itemsOutputs } from '../items/system';
import { PersonalisationStack } from '../personalisation/system';
import { postsOptions, postsOutputs } from '../posts/system';

/** `cdk deploy -c ephemeral=true` makes a system that `cdk destroy` removes with its data; otherwise data is kept. */
function stateOf(scope: Construct) {
  const ephemeral = scope.node.tryGetContext('ephemeral') === 'true';
  return { removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN };
}

/** What holds data: kept when everything else is replaced. */
class DataStack extends Stack {
  public readonly table: SocialTable;

  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.table = new SocialTable(this, 'Table', stateOf(this));
  }
}

interface FeedStackProps extends StackProps {
  readonly table: SocialTable;
}

/** Fills the feeds from the table's stream. */
class FeedStack extends Stack {
  public readonly feed: FeedFanout;

  public constructor(scope: Construct, id: string, props: FeedStackProps) {
    super(scope, id, props);
    this.feed = new FeedFanout(this, 'Feed', { table: props.table, ...stateOf(this) });
  }
}

/** An index of the articles, and the domain in which it is. */
class SearchStack extends Stack {
  public readonly search: SearchIndexPipeline;

  public constructor(scope: Construct, id: string, props: FeedStackProps) {
    super(scope, id, props);
    this.search = new SearchIndexPipeline(this, 'Search', {
      table: props.table,
      // Costs nothing while nothing happens; the default, zero-ETL, about 175 USD a month.
      ingestion: SearchIngestion.lambda(),
      ...stateOf(this),
    });
  }
}

interface RealWorldStackProps extends FeedStackProps {
  readonly feed: FeedFanout;
  readonly search?: SearchIndexPipeline;
}

/** The RealWorld API on all of them. */
class RealWorldStack extends Stack {
  public constructor(scope: Construct, id: string, props: RealWorldStackProps) {
    super(scope, id, props);
    const { table, feed, search } = props;
    const api = new RealWorldApi(this, 'Api', { table, feed, search, ...stateOf(this) });
    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'RealWorld API' });
    new CfnOutput(this, 'DocsUrl', { value: api.docsUrl, description: 'RealWorld API documents' });
  }
}

/** The posts API on the same table, with users of its own. */
class PostsStack extends Stack {
  public constructor(scope: Construct, id: string, props: FeedStackProps) {
    super(scope, id, props);
    postsOutputs(this, new PostsApi(this, 'Api', { ...postsOptions(this), table: props.table }));
  }
}

/** The items API, with a table of its own. */
class ItemsStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    itemsOutputs(this, new ItemsApi(this, 'Api', { authorizer: ServiceAuthorizer.open(), ...stateOf(this) }));
  }
}

/** Expense claims, event-sourced, with users and tables of their own. */
class EventSourcingStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    eventSourcingOutputs(this, new EventSourcedApi(this, 'Api', eventSourcingOptions(this)));
  }
}

/** Everything of this library, composed into one system of several stacks. */
export function fullSystem(app: App): readonly Stack[] {
  const data = new DataStack(app, 'SocialData', { description: 'Social graph and content' });
  const feed = new FeedStack(app, 'SocialFeed', { description: 'Feeds', table: data.table });
  // A domain is paid for by the hour: `-c search=false` leaves it out, and lists are read from the table.
  const search =
    app.node.tryGetContext('search') === 'false'
      ? undefined
      : new SearchStack(app, 'SocialSearch', { description: 'Full-text search', table: data.table });
  const realWorld = new RealWorldStack(app, 'RealWorld', {
    description: 'RealWorld API',
    table: data.table,
    feed: feed.feed,
    search: search?.search,
  });
  const posts = new PostsStack(app, 'Posts', { description: 'Posts API', table: data.table });
  // Profiles of what users are interested in, by ids of whoever calls it: it has a table of its own.
  const personalisation = new PersonalisationStack(app, 'Personalisation', { description: 'Personalisation API' });
  const items = new ItemsStack(app, 'Items', { description: 'Items API' });
  const eventSourcing = new EventSourcingStack(app, 'EventSourcing', { description: 'Expense claims, event-sourced' });
  return [data, feed, ...(search ? [search] : []), realWorld, posts, personalisation, items, eventSourcing];
}
