export * from './http-service';
export * from './http-service-props';
export * from './service-authorizer';
