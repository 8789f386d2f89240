export * from './realworld-api';
export * from './social-table';
export * from './feed-fanout';
