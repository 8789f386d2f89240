export { type Preflight } from './http-api';
export { HttpApiProvider, type RunningApi } from './providers';
export { type Aside, GatewayServer, listen, type RequestRecord, shut } from './server';
