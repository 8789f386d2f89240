import { numberEnv, requireEnv } from './env';

const NAME = 'ENV_TEST_VARIABLE';

function set(value: string | undefined): void {
  if (value === undefined) {
    delete process.env[NAME];
  } else {
    process.env[NAME] = value;
  }
}

afterEach(() => set(undefined));

test('a variable that is set is read', () => {
  set('table-1');
  expect(requireEnv(NAME)).toBe('table-1');
});

test.each([undefined, ''])('a required variable that is %p is missed by its name', (value) => {
  set(value);
  expect(() => requireEnv(NAME)).toThrow(`Environment variable ${NAME} is not set`);
});

test('a number is read as one, zero and fractions too', () => {
  set('0');
  expect(numberEnv(NAME, 7)).toBe(0);
  set('2.5');
  expect(numberEnv(NAME, 7)).toBe(2.5);
});

test.each([undefined, ''])('a number that is %p is its default', (value) => {
  set(value);
  expect(numberEnv(NAME, 7)).toBe(7);
});

test.each([undefined, ''])('a required number that is %p is missed by its name', (value) => {
  set(value);
  expect(() => numberEnv(NAME)).toThrow(`Environment variable ${NAME} is not set`);
});

test.each(['many', '12x', 'Infinity', 'NaN'])(
  '%p for a number is refused, with its name and the value got',
  (value) => {
    set(value);
    expect(() => numberEnv(NAME, 7)).toThrow(`Environment variable ${NAME} must be a number, got: ${value}`);
  },
);
