export * from './feed-fanout';
export * from './i-feed-fanout';
