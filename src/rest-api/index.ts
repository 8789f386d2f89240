export * from './documented-rest-api';
export * from './rest-api-options';
