import type { PartName } from './results';

/**
 * Why figures miss their budgets, as far as that was measured, by part and by the name of the figure. The page has them beside
 * what is missed, and nothing of a figure that meets its budget.
 */
export const REASONS: Readonly<Partial<Record<PartName, Readonly<Record<string, string>>>>> = {
  'cold-start': {
    'get-articles-feed':
      'it makes seven calls more than the plain handler, a sixth of its time; over a quarter is code that runs for the first time.',
  },
  mix: {
    'mix, signed in, nobody else about':
      'each request reads all articles and authors that it shows. What would make it cheaper is below, with what that gives up.',
  },
  synth: {
    'full example, 86 functions':
      "half of the difference is copying the functions' 27 MB into the assembly, a fifth loading CDK's S3 module, which every app with an asset loads.",
  },
  indexing: {
    '1000 records to bulk requests, texts of 2000 B':
      'more than half of it is JSON.stringify of the same documents alone, the baseline beside it, which grows with the texts.',
  },
};
