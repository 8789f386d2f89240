import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { toMessage } from './record';
import { routing } from '../../social-table/stream-router/run';
import { feedSource } from '../source';

const source = feedSource();

export const handler: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> = routing((record) =>
  toMessage(source, record),
);
