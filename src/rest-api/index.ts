export * from './documented-rest-api';
