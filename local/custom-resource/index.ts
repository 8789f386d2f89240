export { CustomResourceProvider } from './provider';
export { ResponseServer } from './response-server';
export { CustomResourceState } from './state';
