/**
 * In the place of the SDK's default credential chain in every bundle: clients here are made with credentials.
 *
 * @throws Error when it is used all the same
 */
export function defaultProvider(): never {
  throw new Error('A client was made without credentials: use clientConfig()');
}
