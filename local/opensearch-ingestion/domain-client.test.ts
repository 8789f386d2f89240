import { checkDomain, DomainResponse } from './domain-client';

/** How often a domain was asked that answers in turn; the last answer again and again. */
async function asked(...answers: readonly (number | Error)[]): Promise<number> {
  let count = 0;
  await checkDomain('books', async (): Promise<DomainResponse> => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    if (answer instanceof Error) throw answer;
    return { status: answer, body: 'said' };
  });
  return count;
}

test('a domain that is busy, fails or breaks off is asked again', async () => {
  expect(await asked(new Error('reset'), 429, 500, 200)).toBe(4);
});

test.each([401, 403])('a refusal by %s is final', async (status) => {
  await expect(asked(500, status, 200)).rejects.toThrow(`pipeline books: its domain answers ${status}: said`);
});

test.each<[answer: number | Error, message: string]>([
  [503, 'its domain answers 503: said'],
  [new Error('reset'), 'its domain answers not: reset'],
])('one that never does otherwise is told of: %s', async (answer, message) => {
  await expect(asked(answer)).rejects.toThrow(message);
});
