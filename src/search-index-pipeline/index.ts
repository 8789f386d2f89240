export * from './i-search-index-pipeline';
export * from './search-alarms';
export * from './search-collection';
export * from './search-domain-options';
export * from './search-index-pipeline';
export * from './search-ingestion';
export * from './search-source';
export * from './search-target';
