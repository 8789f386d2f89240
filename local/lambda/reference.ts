/** The name in a function's name, ARN or API Gateway invocation URI, without version or alias. */
export function functionNameOf(reference: string): string {
  const uri = /:lambda:path\/[^/]+\/functions\/(.+)\/invocations$/.exec(reference);
  const target = uri?.[1] ?? reference;
  const arn = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:(.+)$/.exec(target);
  return (arn?.[1] ?? target).split(':')[0] ?? target;
}

/** The version or alias that a function's name, ARN or invocation URI ends with; undefined where it names the function alone. */
export function qualifierOf(reference: string): string | undefined {
  const uri = /:lambda:path\/[^/]+\/functions\/(.+)\/invocations$/.exec(reference);
  const target = uri?.[1] ?? reference;
  const arn = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:(.+)$/.exec(target);
  return (arn?.[1] ?? target).split(':')[1];
}
