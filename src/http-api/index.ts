export * from './documented-http-api';
