export * from './i-posts-api';
export * from './posts-api';
export * from './posts-api-props';
