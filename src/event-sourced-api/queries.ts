import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { KeyPatterns } from './key-patterns';
import { Resolvers, stepName } from './resolvers';
import { isWatchable } from './schema/compose';
import { QueryField, ViewField } from './schema/query-field';
import { UserSchema } from './schema/user-schema';
import { BEFORE } from './templates/parts';
import {
  EVENTS_RESPONSE,
  eventsRequest,
  LIST_RESPONSE,
  listRequest,
  mayWatchResponse,
  MY_CHANGES_REQUEST,
  MY_CHANGES_RESPONSE,
  PUBLISH_REQUEST,
  PUBLISH_RESPONSE,
  rowRequest,
  rowResponse,
  WATCH_AFTER,
} from './templates/query';

interface QueryParts {
  readonly schema: UserSchema;
  readonly aggregate: string;
  readonly eventTable: dynamodb.ITable;
  readonly readModelTable: dynamodb.ITable;
  readonly keys: KeyPatterns;
  /** The view that a name of the schema stands for. */
  liveView(name: string): string;
}

/**
 * Makes the resolvers of queries and subscriptions, which read what is there, and of what is published to those who
 * watch.
 *
 * @internal
 */
export function addQueries(scope: Construct, id: string, api: appsync.GraphqlApi, parts: QueryParts): void {
  const { schema, keys, liveView } = parts;
  const resolvers = new Resolvers(scope, id, api);
  const live = keys.views(schema.queryFields.map(({ view }) => liveView(view)));
  const readModel = resolvers.addTable('ReadModel', parts.readModelTable, { GetItem: live, Query: live });
  for (const field of schema.queryFields) {
    resolvers.addResolver('Query', field.name, readModel, templatesOf(field, liveView(field.view)));
  }
  const events = resolvers.addTable('Events', parts.eventTable, { Query: keys.aggregates });
  resolvers.addResolver('Query', 'events', events, {
    request: eventsRequest(parts.aggregate),
    response: EVENTS_RESPONSE,
  });
  const none = resolvers.addNone('Changes');
  resolvers.addResolver('Mutation', 'publishViewChange', none, {
    request: PUBLISH_REQUEST,
    response: PUBLISH_RESPONSE,
  });
  resolvers.addResolver('Subscription', 'onMyChanges', none, {
    request: MY_CHANGES_REQUEST,
    response: MY_CHANGES_RESPONSE,
  });
  if (isWatchable(schema)) {
    const rows = schema.queryFields.filter((field): field is ViewField => field.kind === 'view');
    const steps = rows.map((field) =>
      resolvers.addStep(stepName('MayWatch', field.name), readModel, {
        request: rowRequest(liveView(field.view)),
        response: mayWatchResponse(field),
      }),
    );
    resolvers.addPipeline('Subscription', 'onViewChange', steps, { request: BEFORE, response: WATCH_AFTER });
  }
}

const templatesOf = (field: QueryField, view: string) =>
  field.kind === 'view'
    ? { request: rowRequest(view), response: rowResponse(field.readers) }
    : { request: listRequest(view, field), response: LIST_RESPONSE };
