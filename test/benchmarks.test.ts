import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEVERS, savedBy } from '../bench/levers';
import { originalUnits } from '../bench/mix/original';
import { costOfMix, MIX, REQUESTS } from '../bench/mix/requests';
import { pagesOf } from '../bench/page';
import { compared, type Figure, isMet, type Part, readResults, type Results } from '../bench/results';

/** The model of the original, and the page that shows what `npm run bench` gave. */

const DOCS = join(__dirname, '..', 'docs');

describe('the model of the original', () => {
  test.each([
    ['global list', 30, 0],
    ['list by tag', 30, 0],
    ['list by author', 26, 0],
    ['article', 3, 0],
    ['feed', 50.5, 0],
    ['comments', 12, 0],
    ['post', 1.5, 103],
    ['delete', 1, 18],
    ['favorite', 2, 27],
    ['unfavorite', 2, 27],
  ] as const)('%s takes %d read and %d write units', (name, rcu, wcu) => {
    expect(originalUnits()[name]).toEqual({ rcu, wcu });
  });

  test('has a thousand requests in the mix, of which a million mixes cost 3,782 USD', () => {
    expect(REQUESTS.reduce((sum, name) => sum + MIX[name], 0)).toBe(1000);
    expect(costOfMix(originalUnits())).toBeCloseTo(3782.375);
  });

  test('is 4,551 USD where lists out of OpenSearch are charged as its feed is', () => {
    const charged = originalUnits({ chargesSearch: true });
    expect(charged['global list']).toEqual(charged.feed);
    expect(charged['list by tag']).toEqual(charged.feed);
    expect(costOfMix(charged)).toBeCloseTo(4551.125);
  });

  test('reads nothing of a visitor’s own', () => {
    const units = originalUnits({ signedIn: false });
    expect(units['global list'].rcu).toBe(10);
    expect(units.article.rcu).toBe(2);
    expect(units.feed).toEqual(originalUnits().feed);
  });
});

describe('a figure', () => {
  const figure = (given: Partial<Figure>): Figure => ({ name: 'n', unit: 'ms', value: 4, ...given });

  test.each([
    [{ ratio: 1.2, budget: { of: 'ratio', most: 1.2 } }, true],
    [{ ratio: 1.21, budget: { of: 'ratio', most: 1.2 } }, false],
    [{ ratio: 19.9, budget: { of: 'ratio', least: 20 } }, false],
    [{ ratio: 20, budget: { of: 'ratio', least: 20 } }, true],
    [{ budget: { of: 'value', most: 3 } }, false],
    [{}, undefined],
  ] as const)('%j is within its budget: %s', (given, met) => {
    expect(isMet(figure(given))).toBe(met);
  });

  test('of rounds has the median of their ratios, and the middle half', () => {
    const baseline = { name: 'other', values: [1, 10, 2, 4, 5] };
    expect(compared('n', 'ms', [2, 10, 6, 16, 25], baseline)).toMatchObject({
      value: 10,
      baseline: { value: 4 },
      ratio: 3,
      spread: [2, 4],
    });
  });

  test('without a ratio cannot be held against one', () => {
    expect(() => isMet(figure({ budget: { of: 'ratio', most: 1 } }))).toThrow('without a ratio');
  });
});

describe('the page', () => {
  const part = (figures: readonly Figure[]): Part => ({
    rounds: 15,
    figures,
    machine: { cpu: 'a cpu', count: 2, platform: 'linux x64' },
    versions: { node: '20' },
  });
  const budget = { of: 'ratio', most: 1.2 } as const;
  const baseline = { name: 'other', value: 1 };
  const made: Results = {
    synth: part([
      { name: 'slow <one>', unit: 'ms', value: 2, baseline, ratio: 2, spread: [1.9, 2.1], budget },
      { name: 'quick', unit: 'ms', value: 1, baseline, ratio: 1, spread: [0.9, 1.1], budget },
    ]),
  };

  test('says which budgets are missed, in words and in colour', () => {
    const pages = pagesOf(made);
    expect(pages['benchmarks.md']).toContain('**at most 1.2: missed**');
    const svg = pages['benchmarks-synth.svg'];
    expect(svg.match(/<rect class="missed"/g)).toHaveLength(1);
    expect(svg.match(/<rect class="met"/g)).toHaveLength(1);
    expect(svg).toContain('2, at most 1.2: missed');
    expect(svg).toContain('slow &lt;one&gt;');
    expect(svg.match(/class="budget"/g)).toHaveLength(1);
  });

  test('says in a picture how its bars are to be read, where they are not alike', () => {
    const svgOf = (...budgets: (Figure['budget'] | undefined)[]) =>
      pagesOf({ synth: part(made.synth!.figures.map((figure, index) => ({ ...figure, budget: budgets[index] }))) })[
        'benchmarks-synth.svg'
      ];
    expect(svgOf(budget, budget)).not.toContain('own budget');
    expect(svgOf(budget, { ...budget, most: 1.5 })).toContain('; each bar by its own budget<');
    expect(svgOf(budget, undefined)).toContain('; blue: without a budget<');
    expect(svgOf(budget, { of: 'ratio', least: 1 })).toContain('; at least: beyond the line is met<');
  });

  test('has names of figures with ratios that fit beside their bars', () => {
    const names = Object.values(readResults()).flatMap(({ figures }) =>
      figures.flatMap(({ name, ratio }) => (ratio === undefined ? [] : [name])),
    );
    expect(names.filter((name) => name.length > 50)).toEqual([]);
  });

  const page = (results: Results) => pagesOf(results)['benchmarks.md'];

  test('says of what is missed why, or that nobody knows', () => {
    const [{ name, ...rest }] = made.synth!.figures;
    const known = part([{ ...rest, name: 'mix, signed in, nobody else about' }]);
    expect(page(made)).toContain(`- ${name}: why has not been measured.`);
    expect(page(made)).not.toContain('- quick:');
    expect(page({ mix: known })).toContain('- mix, signed in, nobody else about: each request reads');
  });

  test('says of what is not measured how it is', () => {
    expect(page(made)).toContain('**Not measured yet**: `npm run bench -- indexing` measures it.');
    expect(page(made)).toContain('**Not measured yet**: `npm run bench:feed -- feed-memory` measures it.');
    expect(page(made)).not.toContain('`npm run bench -- synth` measures it.');
  });

  test.each([
    ['above half of its processors', 1.01, 15, true],
    ['at half of them', 1, 15, false],
    ['above it, of what is counted', 1.01, 1, false],
    ['not known', undefined, 15, false],
  ])('warns where the load before was %s', (_, load, rounds, warns) => {
    const given = part(made.synth!.figures);
    const shown = page({ synth: { ...given, rounds, machine: { ...given.machine, load } } });
    expect(shown.includes('**The machine was not idle**: its load was 1.01 on 2 processors')).toBe(warns);
    expect(shown).toContain(load === undefined ? ', load not noted; ' : `, load ${load} before; `);
  });

  test('says how long a part took', () => {
    const given = part(made.synth!.figures);
    expect(page({ synth: { ...given, seconds: 99 } })).toContain('Took 99 s.');
    expect(page({ synth: { ...given, seconds: 130 } })).toContain('Took 2 minutes.');
  });

  test('says what each lever would save of the mix, the ratio with it, and what it gives up', () => {
    const mix = part([
      { name: 'mix, signed in', unit: 'USD', value: 800, baseline: { name: 'original', value: 1_000 } },
    ]);
    const [lever] = LEVERS.filter(({ name }) => name === "the author's card in each article");
    expect(savedBy(lever)).toBe(475);
    expect(page({ mix })).toMatch(/\| the author's card in each article +\| +475 \| +0\.33 \| a change of a profile/);
    expect(page(made)).not.toContain('Gives up');
    for (const each of LEVERS) {
      expect(savedBy(each)).toBeGreaterThan(0);
      expect(each.givesUp).not.toMatch(/\.$/);
    }
  });

  test('has pictures of no script and of no address but that of SVG itself', () => {
    const pictures = Object.entries(pagesOf(readResults())).filter(([file]) => file.endsWith('.svg'));
    expect(pictures.length).toBeGreaterThan(0);
    for (const [, svg] of pictures) {
      expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/script|https?:/);
    }
  });

  test('and its pictures are those of bench/results.json (npm run bench writes them)', () => {
    const pages = pagesOf(readResults());
    for (const [file, content] of Object.entries(pages)) {
      expect(readFileSync(join(DOCS, file), 'utf8')).toBe(content);
    }
    const pictures = readdirSync(DOCS).filter((file) => /^benchmarks.*\.svg$/.test(file));
    expect(pictures.sort()).toEqual(
      Object.keys(pages)
        .filter((file) => file.endsWith('.svg'))
        .sort(),
    );
  });

  test('tells of the machine without its name or a path', () => {
    const text = JSON.stringify(readResults());
    expect(text).not.toMatch(/\/(home|root|tmp|work|Users)\b/);
  });
});
