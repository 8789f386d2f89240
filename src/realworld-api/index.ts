export * from './i-realworld-api';
export * from './realworld-api';
export * from './realworld-api-props';
