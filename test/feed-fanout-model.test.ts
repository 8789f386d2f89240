import { readFileSync } from 'node:fs';
import { chart, PAGE, pageWith, PICTURE } from '../bench/feed-model';

describe('what feeds of a hundred million users take', () => {
  test('is in docs/feed.md as the model says: else run npm run model:feed', () => {
    const page = readFileSync(PAGE, 'utf8');
    expect(page).toBe(pageWith(page));
  });

  test('is drawn as the model says', () => {
    expect(readFileSync(PICTURE, 'utf8')).toBe(chart());
  });

  test('has a place in the page for each table', () => {
    expect(() => pageWith('# Feeds')).toThrow('docs/feed.md has no place for cost');
  });
});
