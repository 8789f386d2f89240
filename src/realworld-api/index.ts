export * from './realworld-api';
