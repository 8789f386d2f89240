export { type AnsweredRequest, type RunningApp, startApp, type StartOptions } from './runner';
export { type RunningResource } from './assembly';
export * from './service';
export { SERVICES, servicesWith } from './services';
export * from './types';
