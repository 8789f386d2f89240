import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ISearchIndexPipeline } from './i-search-index-pipeline';
import { Indexer } from './indexer';
import { Reindexer } from './reindexer';
import { IndexNames } from './search-access';
import { SearchAlarmThresholds, searchAlarms } from './search-alarms';
import { ExistingDomainStore } from './search-domain';
import { SearchIndexPipelineBase, SearchResources } from './search-index-pipeline-base';
import { BoundLambda, BoundZeroEtl, SearchIngestion } from './search-ingestion';
import { BoundSource, SearchSource } from './search-source';
import { SearchStore } from './search-store';
import { SearchTarget } from './search-target';
import { checkRecovery, checkStreamView, checkTextIds } from './table-checks';
import { ZeroEtl } from './zero-etl';
import { AlarmOptions, makeAlarms } from '../core/alarms';
import { BundledFunction } from '../core/bundled-function';
import { failure, knownSeconds } from '../core/checks';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { StatefulResourceOptions, statefulOptions } from '../core/stateful-resource-options';
import { ISocialTable } from '../social-table/i-social-table';
import { SocialTable } from '../social-table/social-table';

/** Properties of a SearchIndexPipeline. */
export interface SearchIndexPipelineProps extends FunctionOptions, StatefulResourceOptions, AlarmOptions {
  /**
   * The table whose articles are in the index. Instead of it, `source` takes any table.
   *
   * @default - a new SocialTable, with the same key and protection as the domain
   */
  readonly table?: ISocialTable;
  /** What is in the index. @default SearchSource.socialTable(table) */
  readonly source?: SearchSource;
  /**
   * How changes come into the index. Zero-ETL costs about 175 USD a month while nothing happens, Lambda 0.26.
   *
   * @default SearchIngestion.zeroEtl()
   */
  readonly ingestion?: SearchIngestion;
  /**
   * Where the index lives. A domain of its own costs about 28 USD a month as it is by default.
   *
   * @default SearchTarget.domain()
   */
  readonly target?: SearchTarget;
  /**
   * The name by which the index is read and written: lower-case letters, digits, `-` and `_`, a letter first (1 to 100).
   * The index itself is `<alias>-000001`, with zero-ETL `<alias>-zero-etl-000001`.
   *
   * @default 'articles'
   */
  readonly alias?: string;
  /**
   * How far the index may be behind before an alarm says so (20 seconds to 12 hours). Readers overlay what was written
   * in the `overlayWindow`, which follows from it.
   *
   * @default - 1 minute with Lambda ingestion; 5 minutes with zero-ETL
   */
  readonly maxLag?: Duration;
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: SearchAlarmThresholds;
}

/** What an imported SearchIndexPipeline is known by. */
export interface SearchIndexPipelineAttributes {
  /** The domain, for rights and metrics. Serverless collections are not imported. */
  readonly domain: opensearch.IDomain;
  /** As it is there. @default 'articles' */
  readonly alias?: string;
  /** As it is there; at least that. @default - that of a SearchIndexPipeline without props */
  readonly overlayWindow?: Duration;
  /**
   * The function that makes the index there, which gives roles their rights in a domain with fine-grained access
   * control.
   *
   * @default - IAM alone decides, or roles are mapped by other means
   */
  readonly manager?: lambda.IFunction;
  /** For `metricLag`, where ingestion is by Lambda. @default - no such metric */
  readonly indexer?: lambda.IFunction;
  /** For `metricDeadLetters`, where ingestion is by Lambda. @default - no such metric */
  readonly deadLetterQueue?: sqs.IQueue;
  /** For `metricJobDeadLetters`, where ingestion is by Lambda. @default - no such metric */
  readonly jobsDeadLetterQueue?: sqs.IQueue;
  /** For the metrics of zero-ETL ingestion. @default - no such metric */
  readonly pipelineName?: string;
}

const ALIAS = 'articles';

/** What OpenSearch takes as the name of an index or alias, and is no wildcard in a policy. */
const ALIAS_PATTERN = /^[a-z][a-z0-9_-]{0,99}$/;

/** A stream keeps its records for a day: so long a change may come again. */
const STREAM_LIFE = 24 * 3600;

/** Between the bounds of what may come again and what OpenSearch remembers of deletions. */
const MARGIN = 3600;

/** The sink of an ingestion pipeline collects for a minute at most, and writes for another at its worst. */
const PIPELINE_RUN = 120;

/** What is written is found after OpenSearch's next refresh (1 s, 10 s serverless), and clocks differ. */
const REFRESH = 15;

/**
 * Brings what is in a table into an OpenSearch index, and keeps it there: global queries and full-text search over the
 * articles of a SocialTable, or the items of any table with a stream.
 *
 * **What it costs while nothing happens** (us-east-1, a month of 730 hours): by default 203.70 USD, 175.20 of them for
 * zero-ETL ingestion; with `SearchIngestion.lambda()` 27.76. The README has the arithmetic.
 *
 * The index is versioned and behind an alias; its mapping is strict. Every document has the version of its item, so that
 * changes may come late, twice or in any order. The index is right in the end, and at most `maxLag` behind, or an alarm
 * says so; readers overlay the writes of the `overlayWindow`.
 */
export class SearchIndexPipeline extends SearchIndexPipelineBase {
  /** Uses a SearchIndexPipeline of another app, for searching and for metrics. */
  public static fromSearchIndexPipelineAttributes(
    scope: Construct,
    id: string,
    attrs: SearchIndexPipelineAttributes,
  ): ISearchIndexPipeline {
    return new ImportedSearchIndexPipeline(scope, id, attrs);
  }

  public readonly alias: string;
  public readonly endpoint: string;
  public readonly signingService: string;
  public readonly overlayWindow: Duration;
  /** The table whose articles are in the index; undefined for another source. */
  public override readonly table?: ISocialTable;
  /** Name of the index behind the alias when it was deployed; a reindex may have turned readers to a later one. */
  public readonly indexName: string;
  /** Makes the index and its alias; master user of a domain of the pipeline's own. */
  public readonly manager: lambda.Function;
  /** The domain; undefined for a serverless collection. */
  public readonly domain?: opensearch.IDomain;
  /** Brings changes into the index; undefined with zero-ETL. */
  public readonly indexer?: lambda.Function;
  /** What the indexer could not bring into the index; undefined with zero-ETL. */
  public readonly deadLetterQueue?: sqs.IQueue;
  /**
   * Loads the table into the index: takes `{"command": "status"}`, and `reindex`, `backfill`, `resume`, `cancel`, `switch`,
   * `switch-back` and `drop` in its place, by direct invocation; undefined with zero-ETL.
   */
  public readonly reindexer?: lambda.Function;
  /** The state of the reindexer's jobs; undefined with zero-ETL. */
  public readonly jobsTable?: dynamodb.ITable;
  /** The parts of a job that wait for the reindexer; undefined with zero-ETL. */
  public readonly jobsQueue?: sqs.IQueue;
  /** Parts of a job that failed too often; undefined with zero-ETL. */
  public readonly jobsDeadLetterQueue?: sqs.IQueue;
  /** Documents that the index refused; undefined with Lambda ingestion. */
  public readonly deadLetterBucket?: s3.IBucket;
  /** Name of the ingestion pipeline; undefined with Lambda ingestion. */
  public readonly pipelineName?: string;
  /** Role of the ingestion pipeline; undefined with Lambda ingestion. */
  public readonly pipelineRole?: iam.IRole;
  /**
   * The alarms by construct id, with the severity before `Alarm` where it is not `Critical`: `LagAlarm`,
   * `DeadLetterAlarm`; of zero-ETL `ExportFailureAlarm`; of Lambda ingestion `JobDeadLetterAlarm`; of a domain
   * `ClusterRedAlarm`, `FreeStorageAlarm`, `CpuAlarm` and
   * `JvmMemoryAlarm`.
   */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  /** @internal */
  protected readonly _resources: SearchResources;
  private readonly store: SearchStore;

  public constructor(scope: Construct, id: string, props: SearchIndexPipelineProps = {}) {
    super(scope, id);
    if (props.table && props.source) {
      throw failure('Either provide table or source, but not both', this);
    }
    this.alias = checkAlias(props.alias, this);
    const ingestion = (props.ingestion ?? SearchIngestion.zeroEtl())._bind(this);
    const maxLag = knownSeconds('maxLag', props.maxLag ?? defaultLag(ingestion), { min: 20, max: 12 * 3600 }, this);
    this.overlayWindow = overlay(maxLag, ingestion);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const logRetention = props.logRetention ?? logs.RetentionDays.ONE_MONTH;
    const { logEncryptionKey } = props;

    const functions = sharedFunctionOptions(this, props);
    this.table = props.source ? undefined : (props.table ?? this.ownTable(props, functions));
    const source = (props.source ?? SearchSource.socialTable(this.table!))._bind(this);
    checkSource(source, ingestion, this);
    const names = new IndexNames(this.alias);
    this.manager = this.makeManager(functions);
    this.store = (props.target ?? SearchTarget.domain())._bind(this, {
      names,
      manager: this.manager,
      removalPolicy,
      encryptionKey: props.encryptionKey,
      logRetention,
      logEncryptionKey,
      functionsVpc: props.vpc,
      zeroEtl: ingestion.kind === 'zero-etl',
    });
    this.endpoint = this.store.endpoint;
    this.signingService = this.store.service;
    this.domain = this.store.domain;
    const index = this.makeIndex(source, names.first(ingestion.kind), ingestion);
    this.indexName = index.getAttString('IndexName');

    if (ingestion.kind === 'lambda') {
      const { store, alias } = this;
      const indexer = new Indexer(this, 'Indexer', {
        source,
        ingestion,
        store,
        alias,
        functionOptions: functions,
        index,
      });
      const reindexer = new Reindexer(this, 'Reindexer', {
        source,
        store,
        alias,
        functionOptions: functions,
        stateful: { ...statefulOptions(props), removalPolicy },
        unindexable: indexer.deadLetterQueue,
      });
      reindexer.grantBegin(this.manager);
      this.indexer = indexer.handler;
      this.deadLetterQueue = indexer.deadLetterQueue;
      this.reindexer = reindexer.handler;
      this.jobsTable = reindexer.jobs;
      this.jobsQueue = reindexer.queue;
      this.jobsDeadLetterQueue = reindexer.deadLetterQueue;
    } else {
      const zeroEtl = new ZeroEtl(this, 'ZeroEtl', {
        source,
        ingestion,
        store: this.store,
        // By its own name, never by the alias: the alias may lead to an index with other versions.
        index: names.first('zero-etl'),
        removalPolicy,
        logRetention,
        logEncryptionKey,
      });
      zeroEtl.pipeline.node.addDependency(index);
      this.deadLetterBucket = zeroEtl.deadLetterBucket;
      this.pipelineName = zeroEtl.pipelineName;
      this.pipelineRole = zeroEtl.role;
    }
    this._resources = this;
    this.alarms = makeAlarms(this, props, searchAlarms(this, this, maxLag, props.alarmThresholds));
  }

  public grantSearch(grantee: iam.IGrantable): iam.Grant {
    return this.store.grant(grantee, 'search');
  }

  public grantIndex(grantee: iam.IGrantable): iam.Grant {
    return this.store.grant(grantee, 'index');
  }

  private ownTable(props: SearchIndexPipelineProps, functions: FunctionOptions): ISocialTable {
    return new SocialTable(this, 'Table', { ...statefulOptions(props), routerOptions: functions });
  }

  private makeManager(functions: FunctionOptions): lambda.Function {
    return new BundledFunction(this, 'Manager', {
      ...functions,
      code: 'search-index-pipeline/manage-index',
      description: 'Makes the search index, its alias and its roles at deployment',
      // On a first deployment it waits for its own rights, and for the domain to know its master user.
      timeout: Duration.minutes(10),
    });
  }

  private makeIndex(source: BoundSource, indexName: string, ingestion: BoundLambda | BoundZeroEtl): CustomResource {
    const { manager, store } = this;
    manager.addEnvironment('SEARCH_ENDPOINT', store.endpoint);
    manager.addEnvironment('SEARCH_SERVICE', store.service);
    store.connect(manager);
    store.grant(manager, 'manage');
    const horizon = (ingestion.kind === 'lambda' ? ingestion.maxRecordAge : STREAM_LIFE) + MARGIN;
    const index = new CustomResource(this, 'Index', {
      resourceType: 'Custom::SearchIndex',
      serviceToken: manager.functionArn,
      properties: {
        Alias: this.alias,
        IndexName: indexName,
        Body: Stack.of(this).toJsonString(indexBody(source, store, horizon, this)),
        ...(ingestion.kind === 'lambda'
          ? { Source: Stack.of(this).toJsonString(source.documents), Backfill: String(ingestion.backfill) }
          : {}),
        // With the domain, so that one that replaces it gets the index again.
        Endpoint: store.endpoint,
        ...(store.roleMappings === undefined ? {} : { RoleMappings: store.roleMappings }),
      },
      serviceTimeout: Duration.minutes(15),
    });
    index.node.addDependency(...store.prerequisites);
    return index;
  }
}

function checkAlias(alias: string | undefined, scope: Construct): string {
  const wanted = alias ?? ALIAS;
  if (!ALIAS_PATTERN.test(wanted)) {
    throw failure(
      `alias must be 1 to 100 lower-case letters, digits, - and _, a letter first, and known at synth, got: ${wanted}`,
      scope,
    );
  }
  return wanted;
}

function checkSource(source: BoundSource, ingestion: BoundLambda | BoundZeroEtl, scope: Construct): void {
  checkStreamView(source.table, scope);
  if (ingestion.kind === 'zero-etl') {
    checkRecovery(source.table, scope);
    const { idAttributes, fields } = source.documents;
    checkTextIds(source.table, idAttributes, scope);
    const missing = idAttributes.find((name) => !fields.includes(name));
    if (missing !== undefined) {
      throw failure(
        `source.fields must have every one of source.idAttributes with zero-ETL, got no: ${missing}`,
        scope,
      );
    }
  }
}

const defaultLag = ({ kind }: BoundLambda | BoundZeroEtl) =>
  kind === 'lambda' ? Duration.minutes(1) : Duration.minutes(5);

const overlay = (maxLag: number, ingestion: BoundLambda | BoundZeroEtl) =>
  Duration.seconds(maxLag + (ingestion.kind === 'lambda' ? ingestion.timeout : PIPELINE_RUN) + REFRESH);

/**
 * Of deletions, OpenSearch forgets the version after `gc_deletes`; a change from before that came again later would bring
 * the document back. So it remembers them for longer than a change can come again.
 *
 * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
 */
function indexBody({ body }: BoundSource, store: SearchStore, horizon: number, scope: Construct): object {
  const { index: nested, ...plain } = (body.settings ?? {}) as Record<string, unknown>;
  const settings = { ...(nested as object | undefined), ...plain };
  if ('gc_deletes' in settings) {
    throw failure(`source.indexBody must not set gc_deletes, which follows from how long changes come again`, scope);
  }
  if (store.replicas === undefined) {
    // Serverless: shards and their copies are the service's.
    return { ...body, ...(Object.keys(settings).length > 0 ? { settings } : {}) };
  }
  return {
    ...body,
    settings: {
      number_of_shards: 1,
      number_of_replicas: store.replicas,
      ...settings,
      gc_deletes: `${horizon}s`,
    },
  };
}

class ImportedSearchIndexPipeline extends SearchIndexPipelineBase {
  public readonly alias: string;
  public readonly endpoint: string;
  public readonly signingService: string;
  public readonly overlayWindow: Duration;
  /** @internal */
  protected readonly _resources: SearchResources;
  private readonly store: SearchStore;

  public constructor(scope: Construct, id: string, attrs: SearchIndexPipelineAttributes) {
    super(scope, id);
    this.alias = checkAlias(attrs.alias, this);
    this.store = ExistingDomainStore._imported(this, attrs.domain, new IndexNames(this.alias), attrs.manager);
    this.endpoint = this.store.endpoint;
    this.signingService = this.store.service;
    const usual = SearchIngestion.zeroEtl()._bind(this);
    this.overlayWindow = attrs.overlayWindow ?? overlay(defaultLag(usual).toSeconds(), usual);
    this._resources = attrs;
  }

  public grantSearch(grantee: iam.IGrantable): iam.Grant {
    return this.store.grant(grantee, 'search');
  }

  public grantIndex(grantee: iam.IGrantable): iam.Grant {
    return this.store.grant(grantee, 'index');
  }
}
