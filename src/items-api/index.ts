export * from './i-items-api';
export * from './items-api';
export * from './items-api-props';
export * from './service-stage';
