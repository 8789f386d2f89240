import { readPath } from './path';

// The first ten as captured on AWS: hotsock/voker, vokerhttp/testdata/ingress-paths.json.
test.each<[string, string | undefined]>([
  ['/capture/plain', '/capture/plain'],
  ['/capture/space%20value', '/capture/space value'],
  ['/capture/question%3Fvalue', '/capture/question'],
  ['/capture/percent%25done', undefined],
  ['/capture/hash%23value', '/capture/hash#value'],
  ['/capture/slash%2Fvalue', '/capture/slash/value'],
  ['/capture/unicode-%CE%BB-%E4%B8%96%E7%95%8C', '/capture/unicode-λ-世界'],
  ['/capture/literal%252Fvalue', '/capture/literal/value'],
  ['/capture/literal%253Fvalue', '/capture/literal?value'],
  ['/capture/literal%2525value', '/capture/literal%value'],
  ['/capture/plus+and%2Bplus', '/capture/plus+and+plus'],
  ['/capture/%zz', undefined],
  ['/capture/%c0%af', '/capture/\ufffd\ufffd'],
])('the path %s is handed over as %j', (sent, decoded) => {
  expect(readPath(sent)?.decoded).toBe(decoded);
});

test('routes are matched with the path decoded once', () => {
  expect(readPath('/a%2Fb/c%252Fd/e%253F%3Fg')?.matched).toBe('/a/b/c%2Fd/e%3F');
});
