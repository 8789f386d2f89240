export { createInspector } from './inspector';
export type { InspectorSources } from './inspector';
