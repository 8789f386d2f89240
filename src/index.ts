export * from './core/alarms';
export * from './core/function-options';
export * from './core/stateful-resource-options';
export * from './feed-fanout';
export * from './realworld-api';
export * from './social-table';
