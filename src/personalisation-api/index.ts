export * from './i-personalisation-api';
export * from './personalisation-api';
export * from './personalisation-api-props';
