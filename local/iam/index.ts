export { IamAuthorizer, type UnusedAction } from './authorizer';
export { IamProvider } from './providers';
