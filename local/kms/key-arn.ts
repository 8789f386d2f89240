/**
 * The ARN of a key as templates name it: by its ARN or by its id.
 *
 * @returns undefined for AWS's own keys, which no role needs rights on
 */
export function keyArn(
  given: string | undefined,
  { region, accountId }: { readonly region: string; readonly accountId: string },
): string | undefined {
  if (given === undefined || given.includes('alias/aws/')) return undefined;
  return given.startsWith('arn:') ? given : `arn:aws:kms:${region}:${accountId}:key/${given}`;
}
