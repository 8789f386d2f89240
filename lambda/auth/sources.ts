import { createHash } from 'node:crypto';

/** The first half of an IPv6 address, which is one customer's network as a rule (RFC 6177): 64 bits of four groups. */
function network(address: string): string {
  const [head, tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

/**
 * Names where a request comes from, for counting: its IPv4 address or its IPv6 network, as a digest that is short and
 * may stand in the name of an attribute.
 */
export function sourceOf(address: string): string {
  const ipv4 = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return createHash('sha256')
    .update(ipv4 ?? network(address))
    .digest('hex')
    .slice(0, 12);
}
