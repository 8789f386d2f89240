import { FEW, type Measured, number, take, type Taken, type World, authorOf } from './world';
import { atMost, compared, median } from '../results';

const ROUNDS = Number(process.env.ROUNDS ?? 21);
/** Of a bare client's, what a batch may take of the processor. */
const MOST_CPU = 1.2;
/** Rounds in which code is compiled. */
const WARMING = 2;

/** What a batch of the worker takes of the processor beside one of the bare loop, round by round. */
export async function rounds(world: World): Promise<Measured> {
  const { worker, say } = world;
  const authorId = authorOf(2);
  await world.followed(authorId, FEW);
  say(`\nRounds of ${number(FEW)} followers, interleaved, median of ${ROUNDS} (${WARMING} before them do not count)`);
  const [ours, base]: [Taken[], Taken[]] = [[], []];
  for (let round = 0; round < ROUNDS + WARMING; round++) {
    const articleId = await world.publish(authorId, world.began - 1_000 * (round + 1));
    const both = [
      await take(() => world.bareRows(articleId, authorId, FEW)),
      await take(() => worker.run([{ type: 'article-created', articleId, authorId }])),
    ];
    if (round >= WARMING) [base, ours].forEach((list, place) => list.push(both[place]));
  }
  const batches = FEW / 25;
  const each = (list: readonly Taken[], of: (taken: Taken) => number) => list.map(of);
  const [perBatch, perSecond] = [({ cpu }: Taken) => cpu / batches, ({ seconds }: Taken) => FEW / seconds];
  const beside = (of: (taken: Taken) => number) => ({ name: 'bare loop', values: each(base, of) });
  const figures = [
    compared('worker, a batch of 25', 'ms CPU', each(ours, perBatch), beside(perBatch), atMost(MOST_CPU)),
    compared('worker, rows a second', 'rows/s', each(ours, perSecond), beside(perSecond)),
  ];
  const [cpu, rate] = figures;
  say(`  CPU a batch of 25: ${cpu.value} ms, bare ${cpu.baseline?.value} ms, ratio ${cpu.ratio}`);
  say(`  rows a second: ${number(rate.value)}, bare ${number(median(each(base, perSecond)))}`);
  if ((cpu.ratio ?? 0) > MOST_CPU) say(`  missed: at most ${MOST_CPU}`);
  return { rounds: ROUNDS, figures };
}
