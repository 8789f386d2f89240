import { argon2id, argon2Verify } from 'hash-wasm';
import { hashPassword, verifyPassword } from './passwords';

jest.mock('hash-wasm', () => {
  const real = jest.requireActual<typeof import('hash-wasm')>('hash-wasm');
  return { ...real, argon2id: jest.fn(real.argon2id), argon2Verify: jest.fn(real.argon2Verify) };
});

const PHC = /^\$argon2id\$v=19\$m=12288,t=3,p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

test('a hash is an Argon2id PHC string with 12 MiB, 3 passes, 1 lane, 16 bytes of salt and 32 of hash', async () => {
  expect(await hashPassword('lovelace')).toMatch(PHC);
});

test('the same password hashes to another string each time: its salt is its own', async () => {
  const [one, two] = await Promise.all([hashPassword('lovelace'), hashPassword('lovelace')]);
  expect(PHC.exec(one)?.[1]).not.toBe(PHC.exec(two)?.[1]);
  expect(PHC.exec(one)?.[2]).not.toBe(PHC.exec(two)?.[2]);
});

test('the password that was hashed is right, every other is wrong', async () => {
  const stored = await hashPassword('påsswörd 🐉');
  await expect(verifyPassword('påsswörd 🐉', stored)).resolves.toBe(true);
  for (const other of ['påsswörd', 'påsswörd 🐉 ', 'PÅSSWÖRD 🐉', 'x'.repeat(256)]) {
    await expect(verifyPassword(other, stored)).resolves.toBe(false);
  }
});

test('the end of a long password counts, as it does not with bcrypt', async () => {
  const stored = await hashPassword(`${'x'.repeat(255)}a`);
  await expect(verifyPassword(`${'x'.repeat(255)}b`, stored)).resolves.toBe(false);
});

test('a password for an account that does not exist costs one verification of the same parameters, and is wrong', async () => {
  const stored = await hashPassword('lovelace');
  const verified = jest.mocked(argon2Verify);
  await verifyPassword('wrong', stored);
  await expect(verifyPassword('wrong', undefined)).resolves.toBe(false);
  expect(verified).toHaveBeenCalledTimes(2);
  const [known, unknown] = verified.mock.calls.map(([options]) => options);
  expect(unknown.hash).toMatch(PHC);
  expect(unknown.hash).not.toBe(known.hash);
  expect(unknown.password).toBe('wrong');
});

test('a cold start hashes nothing to be able to verify: what an unknown e-mail is compared with is there', async () => {
  const stored = await hashPassword('lovelace');
  const made = jest.mocked(argon2id).mockClear();
  await jest.isolateModulesAsync(async () => {
    const fresh = jest.requireActual<typeof import('./passwords')>('./passwords');
    await expect(fresh.verifyPassword('lovelace', stored)).resolves.toBe(true);
    await expect(fresh.verifyPassword('lovelace', undefined)).resolves.toBe(false);
  });
  expect(made).not.toHaveBeenCalled();
});
