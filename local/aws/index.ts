export { AwsEndpoint } from './endpoint';
export { DEFAULT_FAULT_RATES, type FaultRates, type FaultRecord, FaultSchedule } from './faults';
export { awsJson } from './json-protocol';
export { type AwsApi, AwsError } from './protocol';
