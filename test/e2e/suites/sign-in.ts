import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { signInKey } from '../../../lambda/auth/account-keys';
import { remote } from '../harness';
import { expectError, expectErrorShape, expectFieldError, expectStatus, userOf } from '../shapes';
import { TestUser, uniqueEmail, uniqueName, World } from '../world';

const INVALID = { credentials: ['invalid'] };
const BLANK = ["can't be blank"];

/** Puts the end of what is counted of an account's sign-ins into the past. */
async function endCount(world: World, email: string): Promise<void> {
  const { app } = world.running;
  if (app === undefined) throw new Error('The tables of a remote API are out of sight');
  const db = DynamoDBDocument.from(new DynamoDBClient(app.aws));
  await db.update({
    TableName: app.physicalId('RealWorld/Api/Accounts/Table'),
    Key: signInKey(email),
    UpdateExpression: 'SET expiresAt = :past',
    ConditionExpression: 'attribute_exists(PK)',
    ExpressionAttributeValues: { ':past': Math.floor(Date.now() / 1000) - 1 },
  });
  db.destroy();
}

/** POST /users/login, and what a password may be. */
export function describeSignIn(world: World): void {
  describeLogin(world);
  describePasswordChange(world);
  describeThrottling(world);
}

function describeLogin(world: World): void {
  describe('sign-in', () => {
    let user: TestUser;

    beforeAll(async () => {
      user = await world.register();
    });

    test('answers 200 with the user and a token that works', async () => {
      const signedIn = userOf(await world.login(user.email, user.password));
      expect(signedIn).toMatchObject({ email: user.email, username: user.username, bio: null, image: null });
      expect(await world.currentUser(signedIn)).toMatchObject({ username: user.username });
    });

    test('takes the e-mail in any case', async () => {
      expect(userOf(await world.login(user.email.toUpperCase(), user.password)).username).toBe(user.username);
    });

    test('leaves earlier tokens valid', async () => {
      userOf(await world.login(user.email, user.password));
      await world.currentUser(user);
    });

    test('side by side with the right password is 200 for all, and for those after them', async () => {
      const many = Array.from({ length: 12 }, () => world.login(user.email, user.password));
      for (const answer of await Promise.all(many)) userOf(answer);
      for (let n = 0; n < 3; n++) userOf(await world.login(user.email, user.password));
    });

    test('with a wrong password is 401', async () => {
      expectError(await world.login(user.email, `${user.password}x`), 401, INVALID);
    });

    test('with an unknown e-mail is the same 401', async () => {
      expectError(await world.login(uniqueEmail(), user.password), 401, INVALID);
    });

    test.each(['email', 'password'])('without %s is 422 for that field alone', async (field) => {
      const fields = { email: user.email, password: user.password };
      const login = (value: unknown): ReturnType<World['post']> =>
        world.post('/users/login', undefined, { user: { ...fields, [field]: value } });
      expectError(await login(undefined), 422, { [field]: BLANK });
      expectError(await login(''), 422, { [field]: BLANK });
      expectFieldError(await login(null), 422, field);
    });

    test('with nothing names both fields', async () => {
      const answer = await world.post('/users/login', undefined, { user: {} });
      expectError(answer, 422, { email: BLANK, password: BLANK });
    });
  });
}

function describePasswordChange(world: World): void {
  describe('change of password', () => {
    let user: TestUser;

    beforeAll(async () => {
      user = await world.register();
    });

    test.each([
      ['an empty one', ''],
      ['null', null],
      ['one of 7 characters', '1234567'],
    ])('to %s is 422 and changes nothing', async (_, password) => {
      expectFieldError(await world.put('/user', user, { user: { password } }), 422, 'password');
      userOf(await world.login(user.email, user.password));
      await world.currentUser(user);
    });

    test.each([8, 64])('to one of %i characters is allowed, and each of them counts', async (length) => {
      const changed = await world.register();
      const password = uniqueName('p').repeat(6).slice(0, length);
      expect(password).toHaveLength(length);
      await world.updateUser(changed, { password });
      userOf(await world.login(changed.email, password));
      expectError(await world.login(changed.email, `${password.slice(0, -1)}!`), 401, INVALID);
    });

    test('lets in the new one and no longer the old one', async () => {
      const changed = await world.register();
      const password = uniqueName('new-password-');
      await world.updateUser(changed, { password });
      userOf(await world.login(changed.email, password));
      expectError(await world.login(changed.email, changed.password), 401, INVALID);
    });

    test('ends every other session at once, reads and writes alike', async () => {
      const changed = await world.register();
      const second = userOf(await world.login(changed.email, changed.password));
      await world.updateUser(changed, { password: uniqueName('new-password-') });
      expectFieldError(await world.get('/user', second), 401, 'token');
      expectFieldError(await world.post('/articles', second, { article: {} }), 401, 'token');
      expectFieldError(await world.put('/user', second, { user: { bio: 'x' } }), 401, 'token');
      expectFieldError(await world.put('/user', second, { user: { username: uniqueName() } }), 401, 'token');
    });

    test('goes on with the token that made it, and gives another that is good as well', async () => {
      const changed = await world.register();
      const updated = await world.updateUser(changed, { password: uniqueName('new-password-') });
      expect(updated.token).not.toBe(changed.token);
      for (const session of [changed, updated]) {
        expect(await world.currentUser(session)).toMatchObject({ username: changed.username });
        const bio = uniqueName();
        expect(await world.updateUser(session, { bio })).toMatchObject({ bio });
        await world.createArticle(session);
      }
    });

    test('may be made again with the same token, which still goes on', async () => {
      const changed = await world.register();
      const first = await world.updateUser(changed, { password: uniqueName('new-password-') });
      await world.updateUser(changed, { password: uniqueName('new-password-') });
      expect(await world.currentUser(changed)).toMatchObject({ username: changed.username });
      expectFieldError(await world.get('/user', first), 401, 'token');
    });

    test('keeps one token of before at most: the next change by another session ends it', async () => {
      const changed = await world.register();
      const next = await world.updateUser(changed, { password: uniqueName('new-password-') });
      await world.updateUser(next, { password: uniqueName('new-password-') });
      expectFieldError(await world.get('/user', changed), 401, 'token');
      expectFieldError(await world.put('/user', changed, { user: { bio: 'x' } }), 401, 'token');
      expect(await world.currentUser(next)).toMatchObject({ username: changed.username });
    });

    test('with the token of a sign-in just after it works', async () => {
      const changed = await world.register();
      const password = uniqueName('new-password-');
      await world.updateUser(changed, { password });
      const signedIn = userOf(await world.login(changed.email, password));
      expect(await world.currentUser(signedIn)).toMatchObject({ username: changed.username });
    });

    test('refuses the earlier token also where signing in is optional', async () => {
      const [changed, followed] = await Promise.all([world.register(), world.register()]);
      const other = userOf(await world.login(changed.email, changed.password));
      await world.follow(changed, followed.username);
      await world.updateUser(changed, { password: uniqueName('new-password-') });
      expectFieldError(await world.get(`/profiles/${followed.username}`, other), 401, 'token');
    });

    test('distinguishes long passwords in their last character', async () => {
      const long = uniqueName('long-').padEnd(99, 'x');
      const fields = { username: uniqueName(), email: uniqueEmail(), password: `${long}a` };
      userOf(await world.post('/users', undefined, { user: fields }), 201);
      userOf(await world.login(fields.email, fields.password));
      expectError(await world.login(fields.email, `${long}b`), 401, INVALID);
    });
  });
}

function describeThrottling(world: World): void {
  describe('many wrong passwords', () => {
    test('are answered 429 within 30 tries, for that account alone', async () => {
      const [attacked, bystander] = await Promise.all([world.register(), world.register()]);
      const statuses: number[] = [];
      while (statuses.length < 30 && !statuses.includes(429)) {
        const answer = await world.login(attacked.email, 'a wrong password');
        statuses.push(answer.status);
        if (answer.status === 429) expectErrorShape(answer);
        else expectError(answer, 401, INVALID);
      }
      expect(statuses).toContain(429);
      expect(statuses.length).toBeGreaterThan(5);
      userOf(await world.login(bystander.email, bystander.password));
      // A token in hand is no sign-in.
      await world.currentUser(attacked);
    });

    const local = remote ? test.skip : test;
    local('are forgotten when their time is over (not with REALWORLD_URL: its clock is its own)', async () => {
      const locked = await world.register();
      for (let wrong = 0; wrong < 10; wrong++) {
        expectError(await world.login(locked.email, 'a wrong password'), 401, INVALID);
      }
      expect((await world.login(locked.email, locked.password)).status).toBe(429);
      await endCount(world, locked.email);
      userOf(await world.login(locked.email, locked.password));
    });

    test('are forgotten with the right one', async () => {
      const forgetful = await world.register();
      for (let round = 0; round < 2; round++) {
        // Together more than an account may have, but never at a stretch.
        for (let wrong = 0; wrong < 8; wrong++) {
          expectError(await world.login(forgetful.email, 'a wrong password'), 401, INVALID);
        }
        userOf(await world.login(forgetful.email, forgetful.password));
      }
    });

    test('side by side are looked at no more often', async () => {
      const attacked = await world.register();
      const answers = await Promise.all(
        Array.from({ length: 40 }, () => world.login(attacked.email, 'a wrong password')),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(30);
    });

    test('are throttled in whatever case the e-mail is written', async () => {
      const attacked = await world.register();
      const spellings = [attacked.email, attacked.email.toUpperCase()];
      const statuses: number[] = [];
      while (statuses.length < 30 && !statuses.includes(429)) {
        statuses.push((await world.login(spellings[statuses.length % 2], 'a wrong password')).status);
      }
      expectStatus(await world.login(attacked.email, 'a wrong password'), 429);
      expectStatus(await world.login(attacked.email.toUpperCase(), 'a wrong password'), 429);
    });
  });
}
