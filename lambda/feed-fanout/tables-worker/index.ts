import { TablesRepository } from './repository';
import { feedSource } from '../source';
import { feedWorker } from '../worker/run';

export const handler = feedWorker((table) => new TablesRepository({ ...table, source: feedSource() }));
