/** A line of the log, as CloudWatch Logs would get it. */
export type LogLine = Readonly<Record<string, unknown>>;

/**
 * What the logger writes while a test runs, and not to the terminal: called once a file of tests, it begins anew with
 * each of them.
 */
export function useLogLines(): () => readonly LogLine[] {
  let written: string[] = [];
  let spies: jest.SpyInstance[];
  beforeEach(() => {
    written = [];
    spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation((text) => {
        written.push(String(text));
        return true;
      }),
    );
  });
  afterEach(() => spies.forEach((spy) => spy.mockRestore()));
  return () =>
    written
      .join('')
      .split('\n')
      // What Node and the SDK tell of themselves is no line of the log.
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
}
