import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { originalUnits } from './original';
import { countOurs, together } from './ours';
import {
  costOfMix,
  MIX,
  PUBLIC,
  type RequestName,
  REQUESTS,
  shareOf,
  type Units,
  type UnitsByRequest,
} from './requests';
import { differences, type ReadName } from './traffic';
import { bundle } from '../../scripts/bundle';
import { ASSEMBLIES } from '../../test/support/assemblies';
import { atMost, type Figure, type Outcome } from '../results';

/** Ours by the original's cost of the same mix. */
const BUDGET = 0.7;

/** Requests a second at which the mix is reckoned. */
const RATES = [
  { perSecond: 1, remembers: true },
  { perSecond: 10, remembers: true },
  { perSecond: 100, remembers: true },
  { perSecond: 100, remembers: false },
];

const UNIT = 'USD a million mixes';

function figure(name: string, ours: UnitsByRequest, original: UnitsByRequest, isTheOne = false): Figure {
  const [value, base] = [costOfMix(ours), costOfMix(original)];
  return {
    name,
    unit: UNIT,
    value: Math.round(value),
    baseline: { name: 'original, by its model', value: Math.round(base) },
    ratio: Number((value / base).toFixed(3)),
    budget: isTheOne ? atMost(BUDGET) : undefined,
  };
}

const cell = ({ rcu, wcu }: Units) => `${Number(rcu.toFixed(1))}/${Number(wcu.toFixed(1))}`;

/** The mix of 1,000 requests: ours as the engine counts it, the original by a model of its calls. */
export async function mix(tell: (what: string) => void): Promise<Outcome> {
  await bundle();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-mix-'));
  process.env[ASSEMBLIES] = folder;
  try {
    const { signedIn, visitors, smallFeed } = await countOurs(tell);
    const ours = together(signedIn);
    const original = originalUnits();
    const public_ = (of: (name: RequestName) => Units | undefined) =>
      Object.fromEntries(
        REQUESTS.map((name) => [name, (PUBLIC.has(name) ? of(name) : undefined) ?? ours[name]]),
      ) as UnitsByRequest;
    tell('requests of a site where others ask and write too');
    const byRate = await differences(RATES);
    const atRate = (index: number) =>
      Object.fromEntries(
        REQUESTS.map((name) => {
          const { rcu, wcu } = ours[name];
          return [name, { rcu: rcu + (byRate[index][name as ReadName] ?? 0), wcu }];
        }),
      ) as UnitsByRequest;
    const dearest = [...REQUESTS].sort((a, b) => shareOf(b, ours) - shareOf(a, ours));
    return {
      rounds: 1,
      figures: [
        figure('mix, signed in, nobody else about', ours, original, true),
        ...RATES.map(({ perSecond, remembers }, index) =>
          figure(
            `mix, ${perSecond} a second${remembers ? '' : ', nothing remembered'}`,
            atRate(index),
            original,
            remembers,
          ),
        ),
        figure(
          'mix, visitors are not signed in',
          public_((name) => visitors[name]?.request),
          originalUnits({ signedIn: false }),
        ),
        figure('mix, feeds of a hundred rows', { ...ours, feed: smallFeed.request }, original),
        figure('mix, searches charged as feeds', ours, originalUnits({ chargesSearch: true })),
      ],
      table: {
        head: ['Request', 'Times', 'RCU/WCU', 'stream', 'original', 'USD', "original's USD", 'ratio'],
        rows: dearest.map((name) => [
          name,
          MIX[name],
          cell(signedIn[name].request),
          cell(signedIn[name].stream),
          cell(original[name]),
          Math.round(shareOf(name, ours)),
          Math.round(shareOf(name, original)),
          (shareOf(name, ours) / shareOf(name, original)).toFixed(2),
        ]),
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
