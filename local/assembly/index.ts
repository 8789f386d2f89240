export { CUSTOM_TYPES, deploy, type Deployment, type DeployOptions, type RunningResource } from './deploy';
export { Evaluator, type Scope, stackId } from './evaluate';
export { isInert, summarizeInert } from './inert';
export { expectList, expectObject, expectString, isObject, type JsonObject, kindOf, stringList } from './json';
export { type Assembly, type AssemblyStack, readAssembly } from './manifest';
export { DataNames, physicalName, shortId, uuidOf } from './names';
export { describe, type KnownProperties, PropertyReader } from './properties';
