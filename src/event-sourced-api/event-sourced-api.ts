import { Names } from 'aws-cdk-lib';
import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { addCommands } from './commands';
import { eventSourcedAlarms } from './event-sourced-alarms';
import { EventSourcedApiBase, ProjectorParts } from './event-sourced-api-base';
import { EventSourcedApiAttributes, EventSourcedApiProps } from './event-sourced-api-props';
import { EventSourcedDomain, LoadedDomain } from './event-sourced-domain';
import { makeTable } from './event-sourced-tables';
import { GraphqlEndpointOptions, makeGraphqlApi } from './graphql-endpoint';
import { IEventSourcedApi } from './i-event-sourced-api';
import { KeyPatterns, keyPatterns } from './key-patterns';
import { makeOperations } from './operations';
import { makeProjector } from './projector';
import { addQueries } from './queries';
import { composeSchema, Part } from './schema/compose';
import { checkGroups } from './schema/query-checks';
import { groupsOf, readSchema, UserSchema } from './schema/user-schema';
import { makeAlarms } from '../core/alarms';
import { BundledFunction, BundledFunctionProps } from '../core/bundled-function';
import { checkInteger, failure } from '../core/checks';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { sharedFunctionOptions } from '../core/function-options';
import { statefulOptions } from '../core/stateful-resource-options';
import { grantOnKeys } from '../core/table-grants';
import { makeUserPool, makeUserPoolClient } from '../core/user-pool';

/**
 * Commands and queries around an event store: GraphQL mutations are decided by a domain's rules, and what they come to is
 * appended as events, each with a version of its own; a projector brings events into views, which queries read, and
 * tells whoever watches.
 *
 * `new EventSourcedApi(this, 'Api')` is a whole back end for expense claims, with a user pool. A domain of your own is a
 * folder: `EventSourcedDomain.fromDirectory(...)`. Each part has the rights it needs; state is retained.
 */
export class EventSourcedApi extends EventSourcedApiBase {
  /** Uses an EventSourcedApi of another app, for its addresses and metrics. */
  public static fromEventSourcedApiAttributes(
    scope: Construct,
    id: string,
    attrs: EventSourcedApiAttributes,
  ): IEventSourcedApi {
    return new ImportedEventSourcedApi(scope, id, attrs);
  }

  public readonly userPool: cognito.IUserPool;
  /** Clients of the pool whose tokens are good. */
  public readonly userPoolClients: cognito.IUserPoolClient[];
  /** Takes commands. */
  public readonly commandApi: appsync.GraphqlApi;
  /** Answers queries, and tells of changes; the same as `commandApi` where there is one API. */
  public readonly queryApi: appsync.GraphqlApi;
  /** Events, what is kept of commands, and snapshots. */
  public readonly eventTable: dynamodb.ITable;
  /** Views and their lists. */
  public readonly readModelTable: dynamodb.ITable;
  /** Says what commands come to. */
  public readonly decider: lambda.Function;
  /** Brings events into views. */
  public readonly projector: lambda.Function;
  /** Aggregates that are parked, and parts of the stream that failed too often. */
  public readonly deadLetterQueue: sqs.IQueue;
  /**
   * Takes commands of operators: `{"command": "rebuild", "view": "claims"}`, `verify`, `erase`, `rate`, `resume`, `cancel`,
   * `status`, `redrive`, and `{"command": "events", "id": "..."}`.
   */
  public readonly operations: lambda.Function;
  /** The parts of jobs that wait for `operations`. */
  public readonly operationsQueue: sqs.IQueue;
  /** Parts of jobs that failed too often; the command `resume` goes on from there. */
  public readonly operationsDeadLetterQueue: sqs.IQueue;
  /**
   * The alarms by construct id: `CommandsServerErrorAlarm`, `CommandsLatencyAlarm` and the same of `Queries` (with one
   * API, `ServerErrorAlarm` and `LatencyAlarm`), for each function `<id>ErrorsAlarm` and `<id>ThrottlesAlarm`,
   * `ProjectionLagAlarm`, `DeadLetterAlarm`, `OperationsDeadLetterAlarm`, `PublishFailureAlarm`, and for each table
   * `<id>ReadThrottleAlarm` and `<id>WriteThrottleAlarm`; with the severity before `Alarm` where it is not `Critical`.
   */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  /** @internal */
  protected readonly _parts: Required<ProjectorParts>;
  private readonly schema: UserSchema;
  private readonly domain: LoadedDomain;
  private readonly liveViews: Readonly<Record<string, string>>;

  public constructor(scope: Construct, id: string, props: EventSourcedApiProps = {}) {
    super(scope, id);
    this.check(props);
    const brought = props.domain ?? EventSourcedDomain.expenseClaims();
    this.domain = brought._load();
    this.schema = this.readSchema(brought, props);
    this.liveViews = this.liveViewsOf(props);
    const keys = keyPatterns(this.domain);
    const state = statefulOptions(props);
    const table = { state, billing: props.billing };
    const eventTable = makeTable(this, 'EventTable', { ...table, stream: dynamodb.StreamViewType.NEW_IMAGE });
    this.eventTable = eventTable;
    this.readModelTable = makeTable(this, 'ReadModelTable', table);

    this.userPool = props.userPool ?? this.makeUserPool(props);
    this.userPoolClients = props.userPoolClients ?? [
      makeUserPoolClient(this, 'UserPoolClient', this.userPool, props.authFlows),
    ];
    const [commandApi, queryApi] = this.makeApis(props);
    this.commandApi = commandApi;
    this.queryApi = queryApi;

    const functionProps = { ...sharedFunctionOptions(this, props), files: { 'domain.js': brought._code } };
    this.decider = this.makeDecider(functionProps, keys);
    addCommands(this, commandApi.node.id, commandApi, {
      schema: this.schema,
      decide: this.decider,
      eventTable,
      keys,
    });
    addQueries(this, queryApi.node.id, queryApi, {
      schema: this.schema,
      aggregate: this.domain.aggregate,
      eventTable,
      readModelTable: this.readModelTable,
      keys,
      liveView: (name) => this.liveViews[name],
    });
    this.deadLetterQueue = deadLetterQueue(this, 'ProjectDeadLetters');
    const metricNamespace = `EventSourcedApi/${Names.uniqueResourceName(this, { maxLength: 100 })}`;
    const projection = {
      functionProps,
      eventTable,
      readModelTable: this.readModelTable,
      deadLetterQueue: this.deadLetterQueue,
      keys,
    };
    this.projector = makeProjector(this, 'Project', {
      ...projection,
      queryApi,
      liveViews: this.liveViews,
      metricNamespace,
      parallelizationFactor: props.parallelizationFactor,
    });
    const operations = makeOperations(this, 'Operations', { ...projection, projector: this.projector });
    this.operations = operations.handler;
    this.operationsQueue = operations.queue;
    this.operationsDeadLetterQueue = operations.deadLetterQueue;
    this._parts = { projector: this.projector, deadLetterQueue: this.deadLetterQueue, metricNamespace };
    this.alarms = makeAlarms(
      this,
      props,
      eventSourcedAlarms(
        {
          api: this,
          isSingle: commandApi === queryApi,
          functions: { Decide: this.decider, Project: this.projector, Operations: this.operations },
          operationsDeadLetterQueue: this.operationsDeadLetterQueue,
          tables: { EventTable: this.eventTable, ReadModelTable: this.readModelTable },
        },
        props.alarmThresholds ?? {},
      ),
    );
  }

  public get commandApiId(): string {
    return this.commandApi.apiId;
  }

  public get queryApiId(): string {
    return this.queryApi.apiId;
  }

  public get commandUrl(): string {
    return this.commandApi.graphqlUrl;
  }

  public get queryUrl(): string {
    return this.queryApi.graphqlUrl;
  }

  public get realtimeUrl(): string {
    return (this.queryApi.node.defaultChild as appsync.CfnGraphQLApi).attrRealtimeUrl;
  }

  /** Lets the grantee read the events of every aggregate, by the query `events` and its IAM credentials. */
  public grantReadEvents(grantee: iam.IGrantable): iam.Grant {
    return this.queryApi.grantQuery(grantee, 'events');
  }

  private check(props: EventSourcedApiProps): void {
    if (props.userPoolClients && !props.userPool) {
      throw failure('userPoolClients needs userPool, got no userPool', this);
    }
    if (props.userPoolClients?.length === 0) {
      throw failure('userPoolClients must name at least one client: nobody could sign in, got none', this);
    }
    if (props.userPoolClients && props.authFlows) {
      throw failure('Either provide userPoolClients or authFlows, but not both', this);
    }
    checkInteger('parallelizationFactor', props.parallelizationFactor, { min: 1, max: 10 }, this);
    checkInteger('queryDepthLimit', props.queryDepthLimit, { min: 1, max: 75 }, this);
    checkInteger('resolverCountLimit', props.resolverCountLimit, { min: 1, max: 10_000 }, this);
    checkGroups(props.auditors ?? [], (problem) => failure(`auditors: ${problem}`, this));
  }

  private readSchema(brought: EventSourcedDomain, props: EventSourcedApiProps): UserSchema {
    const views = new Set([...this.domain.views, ...Object.keys(props.liveViews ?? {})]);
    try {
      return readSchema(brought._schema, { commands: this.domain.commands, views });
    } catch (error) {
      throw failure(`schema.graphql in ${brought.directory}: ${(error as Error).message}`, this);
    }
  }

  /** The view that each name of the schema stands for. */
  private liveViewsOf({ liveViews = {} }: EventSourcedApiProps): Record<string, string> {
    const names = new Set(this.schema.queryFields.map(({ view }) => view));
    for (const [name, view] of Object.entries(liveViews)) {
      if (!names.has(name)) {
        throw failure(`liveViews must be of views that queries name, got: ${name}`, this);
      }
      if (!this.domain.views.has(view)) {
        const views = [...this.domain.views].join(', ');
        throw failure(`liveViews.${name} must be a view of the domain (${views}), got: ${view}`, this);
      }
    }
    return Object.fromEntries([...names].map((name) => [name, liveViews[name] ?? name]));
  }

  private makeUserPool(props: EventSourcedApiProps): cognito.UserPool {
    const pool = makeUserPool(this, 'UserPool', props);
    for (const groupName of new Set([...groupsOf(this.schema), ...(props.auditors ?? [])])) {
      new cognito.CfnUserPoolGroup(this, `UserPoolGroup-${groupName}`, { userPoolId: pool.userPoolId, groupName });
    }
    return pool;
  }

  private makeApis(props: EventSourcedApiProps): [appsync.GraphqlApi, appsync.GraphqlApi] {
    const options: GraphqlEndpointOptions = {
      userPool: this.userPool,
      userPoolClients: this.userPoolClients,
      xrayEnabled: (props.tracing ?? lambda.Tracing.ACTIVE) === lambda.Tracing.ACTIVE,
      fieldLogLevel: props.fieldLogLevel ?? appsync.FieldLogLevel.ERROR,
      excludeVerboseContent: props.excludeVerboseContent ?? true,
      logRetention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      logEncryptionKey: props.logEncryptionKey,
      introspection: props.introspection ?? true,
      queryDepthLimit: props.queryDepthLimit ?? 20,
      resolverCountLimit: props.resolverCountLimit ?? 50,
      webAclArn: props.webAclArn,
    };
    const make = (id: string, ...parts: Part[]) =>
      makeGraphqlApi(this, id, composeSchema(this.schema, parts, props.auditors ?? []), options);
    if (props.singleApi) {
      const api = make('Api', 'commands', 'queries');
      return [api, api];
    }
    return [make('CommandApi', 'commands'), make('QueryApi', 'queries')];
  }

  private makeDecider(props: Pick<BundledFunctionProps, 'files'>, keys: KeyPatterns): lambda.Function {
    const decider = new BundledFunction(this, 'Decide', {
      ...props,
      code: 'event-sourced-api/decide',
      description: 'Decides what commands come to, and writes nothing',
      ownEnvironment: { EVENT_TABLE: this.eventTable.tableName },
    });
    grantOnKeys(this.eventTable, decider, ['dynamodb:Query'], keys.aggregates);
    return decider;
  }
}

class ImportedEventSourcedApi extends EventSourcedApiBase {
  public readonly commandApiId: string;
  public readonly queryApiId: string;
  public readonly commandUrl: string;
  public readonly queryUrl: string;
  public readonly realtimeUrl: string;
  public readonly userPool: cognito.IUserPool;
  /** @internal */
  protected readonly _parts: ProjectorParts;

  public constructor(scope: Construct, id: string, attrs: EventSourcedApiAttributes) {
    super(scope, id);
    this.commandApiId = attrs.commandApiId;
    this.queryApiId = attrs.queryApiId ?? attrs.commandApiId;
    this.commandUrl = attrs.commandUrl;
    this.queryUrl = attrs.queryUrl ?? attrs.commandUrl;
    this.realtimeUrl = attrs.realtimeUrl;
    this.userPool = attrs.userPool;
    this._parts = attrs;
  }
}
