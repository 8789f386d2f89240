/**
 * What every function finds in its environment on AWS, and what its own construct gives it, for code that is loaded as it
 * is shipped.
 */
export function setEnvironment(own: Readonly<Record<string, string>> = {}): void {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    ...own,
  });
}
