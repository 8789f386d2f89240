import { sourceOf } from './sources';

test.each([
  ['an address is itself', '203.0.113.7', '203.0.113.7'],
  ['an address that comes as IPv6', '203.0.113.7', '::ffff:203.0.113.7'],
  ['addresses of one IPv6 network', '2001:db8:1:2::1', '2001:db8:1:2:aaaa:bbbb:cccc:dddd'],
  ['an IPv6 address however it is written', '2001:db8::1', '2001:0DB8:0:0:0:0:0:1'],
])('one source: %s', (_, one, other) => {
  expect(sourceOf(one)).toBe(sourceOf(other));
  expect(sourceOf(one)).toMatch(/^[0-9a-f]{12}$/);
});

test.each([
  ['addresses', '203.0.113.7', '203.0.113.8'],
  ['IPv6 networks', '2001:db8:1:2::1', '2001:db8:1:3::1'],
])('two sources: other %s', (_, one, other) => {
  expect(sourceOf(one)).not.toBe(sourceOf(other));
});
