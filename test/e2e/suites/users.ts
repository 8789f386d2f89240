import { expectError, expectFieldError, userOf } from '../shapes';
import { TestUser, uniqueEmail, uniqueName, World } from '../world';

const BLANK = ["can't be blank"];
const TAKEN = ['has already been taken'];

/** POST /users and GET, PUT /user. */
export function describeUsers(world: World): void {
  describeRegistration(world);
  describeCurrentUser(world);
  describeProfileFields(world);
  describeEmailAndUsername(world);
}

function describeRegistration(world: World): void {
  describe('registration', () => {
    let taken: TestUser;
    const fresh = (): { username: string; email: string; password: string } => ({
      username: uniqueName(),
      email: uniqueEmail(),
      password: uniqueName('password-'),
    });

    beforeAll(async () => {
      taken = await world.register();
    });

    test('answers 201 with the user, without bio and image, and a token that works', async () => {
      const wanted = fresh();
      const user = userOf(await world.post('/users', undefined, { user: wanted }), 201);
      expect(user).toMatchObject({ email: wanted.email, username: wanted.username, bio: null, image: null });
      expect(await world.currentUser(user)).toMatchObject({ email: wanted.email, username: wanted.username });
    });

    test('never shows the password', async () => {
      const wanted = fresh();
      const answer = await world.post('/users', undefined, { user: wanted });
      expect(answer.text).not.toContain(wanted.password);
      expect(answer.text).not.toMatch(/hash|\$2[aby]\$|argon2|scrypt/i);
    });

    test('checks the password for blank only', async () => {
      userOf(await world.post('/users', undefined, { user: { ...fresh(), password: 'pw' } }), 201);
    });

    test.each(['username', 'email', 'password'])('without %s is 422 for that field alone', async (field) => {
      const missing = { ...fresh(), [field]: undefined };
      expectError(await world.post('/users', undefined, { user: missing }), 422, { [field]: BLANK });
      const empty = { ...fresh(), [field]: '' };
      expectError(await world.post('/users', undefined, { user: empty }), 422, { [field]: BLANK });
      expectFieldError(await world.post('/users', undefined, { user: { ...fresh(), [field]: null } }), 422, field);
    });

    test('with nothing names every field', async () => {
      const errors = { username: BLANK, email: BLANK, password: BLANK };
      expectError(await world.post('/users', undefined, { user: {} }), 422, errors);
    });

    test('of a taken e-mail is 409 for the e-mail', async () => {
      const user = { ...fresh(), email: taken.email };
      expectError(await world.post('/users', undefined, { user }), 409, { email: TAKEN });
    });

    test('of a taken username is 409 for the username', async () => {
      const user = { ...fresh(), username: taken.username };
      expectError(await world.post('/users', undefined, { user }), 409, { username: TAKEN });
    });

    test('of a taken e-mail and a taken username is 409 for both', async () => {
      const user = { ...fresh(), email: taken.email, username: taken.username };
      expectError(await world.post('/users', undefined, { user }), 409, { email: TAKEN, username: TAKEN });
    });

    test('of an e-mail taken in another case is 409', async () => {
      const user = { ...fresh(), email: taken.email.toUpperCase() };
      expectError(await world.post('/users', undefined, { user }), 409, { email: TAKEN });
    });

    test('of a username taken in another case is 409', async () => {
      const user = { ...fresh(), username: taken.username.toUpperCase() };
      expectError(await world.post('/users', undefined, { user }), 409, { username: TAKEN });
    });

    test('that fails for one field leaves the other one free', async () => {
      const wanted = fresh();
      const clash = { ...wanted, email: taken.email };
      expectError(await world.post('/users', undefined, { user: clash }), 409, { email: TAKEN });
      userOf(await world.post('/users', undefined, { user: wanted }), 201);
    });
  });
}

function describeCurrentUser(world: World): void {
  describe('current user', () => {
    test('is the owner of the token', async () => {
      const user = await world.register();
      expect(await world.currentUser(user)).toMatchObject({
        email: user.email,
        username: user.username,
        bio: null,
        image: null,
      });
    });

    test('comes with a token that works', async () => {
      const { token } = await world.currentUser(await world.register());
      await world.currentUser({ token });
    });

    test('takes the Bearer scheme as well', async () => {
      const user = await world.register();
      const answer = await world.request('GET', '/user', { headers: { authorization: `Bearer ${user.token}` } });
      expect(userOf(answer).username).toBe(user.username);
    });
  });
}

function describeProfileFields(world: World): void {
  describe('bio and image', () => {
    let user: TestUser;

    beforeAll(async () => {
      user = await world.register();
    });

    test('are returned as set, at once and everywhere', async () => {
      const fields = { bio: 'I work at statefarm', image: 'https://example.com/face.png' };
      expect(await world.updateUser(user, fields)).toMatchObject(fields);
      expect(await world.currentUser(user)).toMatchObject(fields);
      expect(await world.profile(user.username)).toMatchObject(fields);
    });

    test.each(['bio', 'image'])('%s is null again after an empty string', async (field) => {
      expect(await world.updateUser(user, { [field]: 'set' })).toMatchObject({ [field]: 'set' });
      expect(await world.updateUser(user, { [field]: '' })).toMatchObject({ [field]: null });
      expect(await world.currentUser(user)).toMatchObject({ [field]: null });
      expect(await world.profile(user.username)).toMatchObject({ [field]: null });
    });

    test.each(['bio', 'image'])('%s is null again after null', async (field) => {
      expect(await world.updateUser(user, { [field]: 'set' })).toMatchObject({ [field]: 'set' });
      expect(await world.updateUser(user, { [field]: null })).toMatchObject({ [field]: null });
      expect(await world.currentUser(user)).toMatchObject({ [field]: null });
    });

    test('stay as they are when another field is changed', async () => {
      await world.updateUser(user, { bio: 'kept', image: 'https://example.com/kept.png' });
      const email = uniqueEmail();
      const expected = { email, username: user.username, bio: 'kept', image: 'https://example.com/kept.png' };
      expect(await world.updateUser(user, { email })).toMatchObject(expected);
      expect(await world.currentUser(user)).toMatchObject(expected);
    });
  });
}

function describeEmailAndUsername(world: World): void {
  describe('change of e-mail and username', () => {
    let user: TestUser;
    let other: TestUser;
    let third: TestUser;

    beforeAll(async () => {
      [user, other, third] = await Promise.all([world.register(), world.register(), world.register()]);
    });

    test.each([
      ['email', ''],
      ['email', null],
      ['username', ''],
      ['username', null],
    ])('%s of %j is 422 and changes nothing', async (field, value) => {
      const before = await world.currentUser(user);
      expectFieldError(await world.put('/user', user, { user: { [field]: value, bio: 'not kept' } }), 422, field);
      const { email, username, bio } = before;
      expect(await world.currentUser(user)).toMatchObject({ email, username, bio });
    });

    test('to a taken one is 409 for the field', async () => {
      expectError(await world.put('/user', user, { user: { email: other.email } }), 409, { email: TAKEN });
      expectError(await world.put('/user', user, { user: { username: other.username } }), 409, { username: TAKEN });
    });

    test('to one taken in another case is 409', async () => {
      const email = other.email.toUpperCase();
      expectError(await world.put('/user', user, { user: { email } }), 409, { email: TAKEN });
      const username = other.username.toUpperCase();
      expectError(await world.put('/user', user, { user: { username } }), 409, { username: TAKEN });
    });

    test('to the e-mail of one and the username of another is 409 for both', async () => {
      const clash = { email: other.email, username: third.username };
      expectError(await world.put('/user', user, { user: clash }), 409, { email: TAKEN, username: TAKEN });
    });

    test('that fails for one field changes neither', async () => {
      const username = uniqueName();
      expectError(await world.put('/user', user, { user: { username, email: other.email } }), 409, { email: TAKEN });
      expect((await world.currentUser(user)).username).not.toBe(username);
      await world.register({ username });
    });

    test('to the own values is no conflict', async () => {
      const { email, username } = await world.currentUser(user);
      expect(await world.updateUser(user, { email, username })).toMatchObject({ email, username });
    });

    test('to the own username in another case is no conflict', async () => {
      const renamed = await world.register();
      const username = renamed.username.toUpperCase();
      expect(await world.updateUser(renamed, { username })).toMatchObject({ username });
      expect(await world.profile(username)).toMatchObject({ username });
    });

    test('lets the new e-mail sign in, not the old one, and frees the old one', async () => {
      const moved = await world.register();
      const email = uniqueEmail();
      expect(await world.updateUser(moved, { email })).toMatchObject({ email, username: moved.username });
      expect(userOf(await world.login(email, moved.password)).username).toBe(moved.username);
      expectError(await world.login(moved.email, moved.password), 401, { credentials: ['invalid'] });
      await world.register({ email: moved.email });
    });

    test('moves the profile to the new username and frees the old one', async () => {
      const moved = await world.register();
      const username = uniqueName();
      expect(await world.updateUser(moved, { username })).toMatchObject({ username, email: moved.email });
      expect(await world.profile(username)).toMatchObject({ username });
      expectError(await world.get(`/profiles/${moved.username}`), 404, { profile: ['not found'] });
      const successor = await world.register({ username: moved.username, email: uniqueEmail() });
      expect(await world.profile(successor.username)).toMatchObject({ username: moved.username });
    });

    test('of both at once moves both', async () => {
      const moved = await world.register();
      const fields = { username: uniqueName(), email: uniqueEmail(), bio: 'moved' };
      expect(await world.updateUser(moved, fields)).toMatchObject(fields);
      expect(userOf(await world.login(fields.email, moved.password))).toMatchObject(fields);
    });

    test('keeps the session', async () => {
      const moved = await world.register();
      await world.updateUser(moved, { username: uniqueName(), email: uniqueEmail() });
      await world.currentUser(moved);
    });
  });
}
