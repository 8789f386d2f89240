/**
 * A reader of secrets for the functions of an HttpService: `cdk-social-backend/secrets`. It needs
 * `@aws-sdk/client-secrets-manager`, which the service brings.
 */
export { SecretReader, type SecretReaderOptions, SecretUnreadable } from '../../core/secrets';
