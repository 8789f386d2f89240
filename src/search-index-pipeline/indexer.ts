import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct, IDependable } from 'constructs';
import { BoundLambda } from './search-ingestion';
import { BoundSource, DocumentSource } from './search-source';
import { SearchStore } from './search-store';
import { BundledFunction } from '../core/bundled-function';
import { deadLetterQueue } from '../core/dead-letter-queue';
import { FunctionOptions } from '../core/function-options';

/** @internal */
export interface IndexerProps {
  readonly source: BoundSource;
  readonly ingestion: BoundLambda;
  readonly store: SearchStore;
  readonly alias: string;
  readonly functionOptions: FunctionOptions;
  /** What must be there before the first change is written. */
  readonly index: IDependable;
}

/**
 * The function that brings changes of a table into an index, as a reader of the table's stream.
 *
 * @internal
 */
export class Indexer extends Construct {
  public readonly handler: lambda.Function;
  /** Records that cannot be documents, and places in the stream of those that were not taken in time. */
  public readonly deadLetterQueue: sqs.Queue;

  public constructor(scope: Construct, id: string, props: IndexerProps) {
    super(scope, id);
    const { source, ingestion, store } = props;
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue');
    this.handler = new BundledFunction(this, 'Handler', {
      ...props.functionOptions,
      code: 'search-index-pipeline/indexer',
      description: 'Brings changes of the table into the search index',
      timeout: Duration.seconds(ingestion.timeout),
      ownEnvironment: {
        SEARCH_ENDPOINT: store.endpoint,
        SEARCH_SERVICE: store.service,
        SEARCH_ALIAS: props.alias,
        DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
      },
    });
    this.deadLetterQueue.grantSendMessages(this.handler);
    store.connect(this.handler);
    store.grant(this.handler, 'ingest');
    const streamArn = source.registerReader(scope.node.path);
    const grant = source.grantStreamRead(this.handler);
    const mapping = new lambda.EventSourceMapping(this, 'Stream', {
      target: this.handler,
      eventSourceArn: streamArn,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: ingestion.batchSize,
      // Versions keep the order of a document, whatever the order of its changes.
      parallelizationFactor: ingestion.parallelization,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      // As often as there is time: OpenSearch may be away for hours. What can never be indexed is not tried again.
      maxRecordAge: Duration.seconds(ingestion.maxRecordAge),
      onFailure: new SqsDlq(this.deadLetterQueue),
      filters: filtersOf(source.documents),
    });
    grant.applyBefore(mapping);
    mapping.node.addDependency(props.index, ...store.prerequisites);
  }
}

/** A change of an item that is a document, or was one. */
function filtersOf({ entityTypes, entityTypeAttribute }: DocumentSource): Record<string, unknown>[] | undefined {
  if (!entityTypes || entityTypeAttribute === undefined) {
    return undefined;
  }
  return ['NewImage', 'OldImage'].map((image) =>
    lambda.FilterCriteria.filter({ dynamodb: { [image]: { [entityTypeAttribute]: { S: [...entityTypes] } } } }),
  );
}
