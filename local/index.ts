export { type AnsweredRequest, type RunningApp, type StartBackend, startApp, type StartOptions } from './runner';
export { type RequestRecord } from './http-api';
export { type RunningResource } from './assembly';
export { type UnusedAction } from './iam';
export * from './types';
