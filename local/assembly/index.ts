export { CUSTOM_TYPES, deploy, type Deployment, type DeployOptions, type RunningResource } from './deploy';
export { type Scope, stackId } from './evaluate';
export { summarizeInert } from './inert';
export { expectObject, expectString, isObject, type JsonObject, stringList } from './json';
export { type Assembly, type AssemblyStack, readAssembly } from './manifest';
export { DataNames, physicalName, shortId, uuidOf } from './names';
export { describe, type KnownProperties, PropertyReader } from './properties';
