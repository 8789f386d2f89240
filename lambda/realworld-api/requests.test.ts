import { checkedInput, optionalToken, pathParameter, requiredToken } from './requests';
import { refusal, refusalOf } from '../../test/support/samples';
import { invalid, unauthorized } from '../core/errors';
import type { Request } from '../core/http';

const request = (headers: Record<string, string>, path: Record<string, string> = {}): Request => ({
  body: undefined,
  path,
  query: {},
  headers,
  origin: 'https://api.example.com',
});

test('a token may be missing where it is optional, but not be something else', async () => {
  expect(optionalToken(request({}))).toBeUndefined();
  expect(optionalToken(request({ authorization: 'Token abc' }))).toBe('abc');
  expect((await refusalOf(() => optionalToken(request({ authorization: 'Basic abc' })))).status).toBe(401);
});

test('a token that is missing where it is required is told so', async () => {
  expect(requiredToken(request({ authorization: 'Bearer abc' }))).toBe('abc');
  expect(await refusalOf(() => requiredToken(request({})))).toEqual({ status: 401, errors: { token: ['is missing'] } });
});

test('a path parameter is what the route has, or nothing', () => {
  expect(pathParameter(request({}, { slug: 'a-slug' }), 'slug')).toBe('a-slug');
  expect(pathParameter(request({}), 'slug')).toBe('');
});

describe('input', () => {
  const good = { open: jest.fn(() => Promise.resolve()) };
  const bad = { open: jest.fn(() => Promise.reject(unauthorized('is invalid'))) };
  const refuse = () => {
    throw invalid('title', 'is too long');
  };

  test('that is valid is read without asking who sends it', async () => {
    await expect(checkedInput(bad, 'token', () => 5)).resolves.toBe(5);
    expect(bad.open).not.toHaveBeenCalled();
  });

  test('that is not valid is told to who may know', async () => {
    expect((await refusal(checkedInput(good, 'token', refuse))).status).toBe(422);
    expect(good.open).toHaveBeenCalledWith('token');
    expect((await refusal(checkedInput(bad, undefined, refuse))).status).toBe(422);
  });

  test('that is not valid, with a token that is not good, is a 401', async () => {
    expect(await refusal(checkedInput(bad, 'token', refuse))).toEqual({
      status: 401,
      errors: { token: ['is invalid'] },
    });
  });
});
