export * from './i-social-table';
export * from './social-event';
export * from './social-stream-consumer';
export * from './social-table';
export * from './table-billing';
export * from './table-migration';
