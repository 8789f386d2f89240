export * from './batch';
export * from './entity';
export * from './errors';
export * from './items';
export * from './query';
export * from './schema';
export * from './transaction';
export * from './writes';
