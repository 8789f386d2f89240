import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { make } from './synthesized';
import {
  SearchIndexPipeline,
  type SearchIndexPipelineProps,
  SearchIngestion,
  SearchSource,
  SearchTarget,
  SocialEvent,
  SocialTable,
} from '../../src';

describe('SearchIndexPipeline refuses', () => {
  test.each<[string, SearchIndexPipelineProps, string]>([
    ['an alias in capitals', { alias: 'Articles' }, 'alias must be 1 to 100 lower-case letters'],
    ['a wildcard as alias', { alias: 'a*' }, 'got: a*'],
    ['no lag', { maxLag: Duration.seconds(1) }, 'maxLag must be whole seconds from 20 to 43200, got: 1'],
    ['a table that is not recoverable', { pointInTimeRecovery: false }, 'zero-ETL ingestion exports the table'],
    [
      'no units',
      { ingestion: SearchIngestion.zeroEtl({ minUnits: 0 }) },
      'ingestion.minUnits must be an integer from 1 to 96, got: 0',
    ],
    [
      'fewer units than the least',
      { ingestion: SearchIngestion.zeroEtl({ minUnits: 4, maxUnits: 2 }) },
      'ingestion.minUnits must not be above ingestion.maxUnits (2), got: 4',
    ],
    ['large batches', { ingestion: SearchIngestion.lambda({ batchSize: 10_001 }) }, 'ingestion.batchSize must be'],
    [
      'more at a time than Lambda takes',
      { ingestion: SearchIngestion.lambda({ parallelization: 11 }) },
      'ingestion.parallelization must be an integer from 1 to 10, got: 11',
    ],
    [
      'records that are older than the stream',
      { ingestion: SearchIngestion.lambda({ maxRecordAge: Duration.hours(25) }) },
      'ingestion.maxRecordAge must be whole seconds from 60 to 86400, got: 90000',
    ],
    [
      'four zones',
      { target: SearchTarget.domain({ zones: 4 }) },
      'target.zones must be an integer from 1 to 3, got: 4',
    ],
    [
      'fewer nodes than zones',
      { target: SearchTarget.domain({ zones: 3, instanceCount: 2 }) },
      'target.instanceCount must be at least target.zones (3), got: 2',
    ],
    ['two masters', { target: SearchTarget.domain({ masterCount: 2 }) }, 'target.masterCount must be 3 or 5, got: 2'],
    [
      'a type of masters without masters',
      { target: SearchTarget.domain({ masterInstanceType: 'm7g.large.search' }) },
      'target.masterInstanceType needs target.masterCount',
    ],
    [
      'an instance of another service',
      { target: SearchTarget.domain({ instanceType: 't3.small' }) },
      'target.instanceType must end with .search, got: t3.small',
    ],
    [
      'a small volume',
      { target: SearchTarget.domain({ volumeSize: 5 }) },
      'target.volumeSize must be an integer from 10',
    ],
    [
      'subnets of no network',
      { target: SearchTarget.domain({ vpcSubnets: {} }) },
      'target.vpcSubnets needs target.vpc',
    ],
    [
      'a collection behind no endpoint',
      { target: SearchTarget.serverlessCollection({ vpcEndpointIds: [] }) },
      'target.vpcEndpointIds must name at least one endpoint',
    ],
  ])('%s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });

  test('a table and a source at once', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table');
    const props = { table, source: SearchSource.socialTable(table) };
    expect(() => new SearchIndexPipeline(stack, 'Search', props)).toThrow('Either provide table or source');
  });

  test('a domain in a network whose functions are in none', () => {
    const stack = new Stack(new App(), 'Stack');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    expect(() => new SearchIndexPipeline(stack, 'Search', { target: SearchTarget.domain({ vpc }) })).toThrow(
      'target.vpc needs the functions in a network',
    );
  });

  test('a third reader of the stream', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table');
    table.addStreamConsumer('Mine', { events: [SocialEvent.FOLLOWED] });
    new SearchIndexPipeline(stack, 'One', { table });
    expect(() => new SearchIndexPipeline(stack, 'Two', { table })).toThrow(
      /at most 2 readers; .*StreamRouter and Stack\/One already, got one more: Stack\/Two/,
    );
  });

  test('a SocialTable without stream', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table', { stream: false });
    expect(() => new SearchIndexPipeline(stack, 'Search', { table })).toThrow('needs the stream of Stack/Table');
  });
});
