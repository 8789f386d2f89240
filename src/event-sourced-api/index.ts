export * from './event-sourced-api';
export * from './event-sourced-api-props';
export * from './event-sourced-domain';
export * from './i-event-sourced-api';
