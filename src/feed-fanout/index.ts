export * from './feed-fanout';
