import * as z from 'zod/mini';
import { line, notBlank, text, wrapper } from './input';
import { fitsKey } from '../../core/folding';
import { atMost, visible, wellFormed } from '../../core/text-checks';
import { LIMITS } from '../domain/limits';

/** The schemas of what requests of users carry: apart, because functions of articles need none of them. */

const paragraph = (max: number) => text().check(atMost(max), wellFormed);

// A gateway decodes a path before it splits it: these would end a name, or cut it in two.
const addressable = [
  z.regex(/^[^/?%\\]*$/, 'must not contain / ? % or \\'),
  z.regex(/[^.]/, 'must not be dots alone'),
] as const;
const keySized = z.refine<string>(fitsKey, 'is too long in its compatibility form');

const email = () => line(LIMITS.email).check(z.regex(/^[^\s@]+@[^\s@]+$/, 'is invalid'), keySized);
const username = () =>
  line(LIMITS.username).check(
    z.regex(/^\S([^]*\S)?$/, 'must not begin or end with a space'),
    ...visible,
    ...addressable,
    keySized,
  );
const newPassword = (minimum: number) =>
  text().check(
    notBlank,
    z.minLength(minimum, {
      error: (issue) => `is too short (minimum is ${minimum} characters, got ${String(issue.input).length})`,
    }),
    atMost(LIMITS.password),
    wellFormed,
  );
/** Optional, and `null` clears it, as the empty string does. */
const clearable = (max: number) => z.optional(z.nullable(paragraph(max)));

export const registration = (passwordMinimum: number) =>
  z.object({
    user: z.object({ username: username(), email: email(), password: newPassword(passwordMinimum) }, wrapper),
  });
export const login = z.object({
  user: z.object(
    {
      email: text().check(notBlank, atMost(LIMITS.email), wellFormed, keySized),
      password: text().check(notBlank, atMost(LIMITS.password)),
    },
    wrapper,
  ),
});
export const userUpdate = z.object({
  user: z
    .object(
      {
        email: z.optional(email()),
        username: z.optional(username()),
        password: z.optional(newPassword(LIMITS.passwordMinimum)),
        bio: clearable(LIMITS.bio),
        image: clearable(LIMITS.image),
      },
      wrapper,
    )
    .check(z.refine((user) => Object.keys(user).length > 0, 'must have at least one field to change')),
});
