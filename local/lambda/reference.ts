/** The name in a function's name, ARN or API Gateway invocation URI, without version or alias. */
export function functionNameOf(reference: string): string {
  const uri = /:lambda:path\/[^/]+\/functions\/(.+)\/invocations$/.exec(reference);
  const target = uri?.[1] ?? reference;
  const arn = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:(.+)$/.exec(target);
  return (arn?.[1] ?? target).split(':')[0] ?? target;
}
