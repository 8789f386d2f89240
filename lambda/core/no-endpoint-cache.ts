/**
 * In the place of the SDK's cache of discovered endpoints in every bundle. The one client that could discover endpoints is
 * made not to (lambda/core/aws-clients.ts), and looks for them all the same with every call that goes to AWS itself.
 */
export class EndpointCache {
  public getEndpoint(): undefined {
    return undefined;
  }

  /** Asked only where endpoints are discovered. @throws Error */
  public get(): never {
    throw new Error('Endpoints are not discovered: use dynamoDb()');
  }
}
