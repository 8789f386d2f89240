import { type Figure, isMet, type Row } from './results';

/** Pictures of results, in the look of the others in `docs/`: they read the same on light and dark pages. */

const WIDTH = 1080;
const LINE = 34;
const HEAD = 78;
/** Where bars begin, and how long the longest may be; beside it is what it says. */
const LEFT = 400;
const LENGTH = 400;

const STYLE = `  <style>
    text { font: 14px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
    .name { text-anchor: end; }
    .title { font-weight: 600; font-size: 16px; }
    .note { font-size: 12px; fill: #57606a; }
    .met { fill: #2da44e; }
    .told { fill: #0969da; }
    .other { fill: #afb8c1; }
    .missed { fill: #cf222e; }
    text.missed { font-weight: 600; }
    .spread { stroke: #1f2328; stroke-width: 2; }
    .budget { stroke: #1f2328; stroke-width: 2; stroke-dasharray: 5 4; }
  </style>`;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const at = (value: number) => Number(value.toFixed(1));

function picture(title: string, description: string, height: number, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <desc id="desc">${escaped(description)}</desc>`,
    STYLE,
    `  <rect x="1" y="1" width="${WIDTH - 2}" height="${height - 2}" rx="10" fill="#f6f8fa" stroke="#d0d7de"/>`,
    `  <text class="title" x="24" y="34">${escaped(title)}</text>`,
    ...content.map((line) => `  ${line}`),
    '</svg>',
    '',
  ].join('\n');
}

/** What is said of a figure's budget: `at most 0.7: missed`. */
export function verdict(figure: Figure): string {
  const { budget } = figure;
  if (!budget) return '';
  const wanted = budget.most === undefined ? `at least ${budget.least}` : `at most ${budget.most}`;
  return `${wanted}: ${isMet(figure) ? 'met' : 'missed'}`;
}

/** How a chart is to be read, where that is not the same for all of its bars. */
function legend(figures: readonly Figure[]): string[] {
  const budgets = new Set(figures.flatMap(({ budget }) => (budget ? [`${budget.most} ${budget.least}`] : [])));
  return [
    ...(budgets.size > 1 ? ['each bar by its own budget'] : []),
    ...(figures.some(({ budget }) => budget?.least !== undefined) ? ['at least: beyond the line is met'] : []),
    ...(budgets.size > 0 && figures.some(({ budget }) => !budget) ? ['blue: without a budget'] : []),
  ];
}

/**
 * Figures that have a ratio, each as a bar by its own budget, so that one line is the budget of all, with the middle half of
 * its rounds. A figure without a budget is drawn by the first one.
 */
export function ratioChart(title: string, what: string, figures: readonly Figure[]): string {
  const limitOf = ({ budget }: Figure) => (budget?.of === 'ratio' ? (budget.most ?? budget.least) : undefined);
  const first = figures.map(limitOf).find((limit) => limit !== undefined) ?? 1;
  const shown = figures.flatMap((figure) =>
    figure.ratio === undefined ? [] : [{ figure, ratio: figure.ratio, scale: limitOf(figure) ?? first }],
  );
  const note = [what, ...legend(shown.map(({ figure }) => figure))].join('; ');
  const most = Math.max(
    1.1,
    ...shown.map(({ figure, ratio, scale }) => Math.max(ratio, figure.spread?.[1] ?? 0) / scale),
  );
  const x = (share: number) => at(LEFT + (share / most) * LENGTH);
  const height = HEAD + shown.length * LINE + 20;
  const lines = shown.flatMap(({ figure, ratio, scale }, index) => {
    const y = HEAD + index * LINE;
    const met = isMet(figure);
    const kind = met === undefined ? 'told' : met ? 'met' : 'missed';
    const text = [ratio, verdict(figure)].filter(String).join(', ');
    const middle = figure.spread?.map((end) => x(end / scale));
    return [
      `<text class="name" x="${LEFT - 12}" y="${y + 16}">${escaped(figure.name)}</text>`,
      `<rect class="${kind}" x="${LEFT}" y="${y + 2}" width="${at(x(ratio / scale) - LEFT)}" height="18" rx="2"/>`,
      ...(middle ? [`<path class="spread" d="M${middle[0]} ${y + 11}H${middle[1]}"/>`] : []),
      `<text${kind === 'missed' ? ' class="missed"' : ''} x="${LEFT + LENGTH + 14}" y="${y + 16}">${text}</text>`,
    ];
  });
  const told = shown.map(({ figure, ratio }) => [figure.name, ratio, verdict(figure)].filter(String).join(', '));
  return picture(title, `${note}. ${told.join('; ')}.`, height, [
    `<text class="note" x="24" y="56">${escaped(note)}</text>`,
    ...lines,
    `<path class="budget" d="M${x(1)} ${HEAD - 6}V${height - 16}"/>`,
    `<text class="note" text-anchor="middle" x="${x(1)}" y="${HEAD - 12}">budget</text>`,
  ]);
}

/** Two numbers of each row, one bar below the other. */
export function pairChart(
  title: string,
  note: string,
  names: readonly [ours: string, theirs: string],
  rows: readonly Row[],
): string {
  const most = Math.max(...rows.flatMap(([, ours, theirs]) => [Number(ours), Number(theirs)]));
  const wide = (value: string | number) => at((Number(value) / most) * LENGTH);
  const height = HEAD + rows.length * LINE + 20;
  const lines = rows.flatMap(([name, ours, theirs], index) => {
    const y = HEAD + index * LINE;
    return [
      `<text class="name" x="${LEFT - 12}" y="${y + 17}">${escaped(String(name))}</text>`,
      `<rect class="told" x="${LEFT}" y="${y}" width="${wide(ours)}" height="12" rx="2"/>`,
      `<rect class="other" x="${LEFT}" y="${y + 13}" width="${wide(theirs)}" height="12" rx="2"/>`,
      `<text x="${LEFT + LENGTH + 14}" y="${y + 17}">${ours} and ${theirs}</text>`,
    ];
  });
  return picture(
    title,
    `${note}. ${rows.map(([name, ours, theirs]) => `${name}: ${ours} and ${theirs}`).join('; ')}.`,
    height,
    [
      `<text class="note" x="24" y="56">${escaped(note)}</text>`,
      `<rect class="told" x="${LEFT + LENGTH + 14}" y="25" width="12" height="12" rx="2"/>`,
      `<text class="note" x="${LEFT + LENGTH + 32}" y="35">${escaped(names[0])}</text>`,
      `<rect class="other" x="${LEFT + LENGTH + 14}" y="45" width="12" height="12" rx="2"/>`,
      `<text class="note" x="${LEFT + LENGTH + 32}" y="55">${escaped(names[1])}</text>`,
      ...lines,
    ],
  );
}
