export { createInspector } from './inspector';
