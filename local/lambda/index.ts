export { type FunctionConfiguration } from './configuration';
export { type LogLine, Ring } from './log-ring';
export { LambdaProvider } from './providers';
export { functionNameOf, type FunctionPermission, type LambdaOptions, LambdaService } from './service';
