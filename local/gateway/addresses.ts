/** The address in AWS of an API, as templates build it. */
const ADDRESS = /https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g;

/** Puts local addresses into a text in the place of those in AWS. `urlOf` gives undefined for an API of another. */
export function localizeApiAddresses(text: string, urlOf: (apiId: string) => string | undefined): string {
  return text.replace(ADDRESS, (address, apiId: string) => urlOf(apiId) ?? address);
}
