export { startApp, type StartOptions } from './runner';
export { type AnsweredRequest, type RunningApp } from './running-app';
export { type RunningResource } from './assembly';
export * from './service';
export { SERVICES, servicesWith } from './services';
export * from './types';
