export * from './feed-fanout';
export * from './feed-source';
export * from './i-feed-fanout';
