export * from './core/function-settings';
export * from './feed-fanout';
export * from './realworld-api';
export * from './social-table';
