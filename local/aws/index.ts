export { startAwsBackend, type AwsBackend, type AwsBackendOptions, type Inspection } from './backend';
export { AwsError } from './protocol';
export { DEFAULT_FAULT_RATES, type FaultRates, type FaultRecord } from './faults';
