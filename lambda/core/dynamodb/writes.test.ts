import { deleteOf, EXISTS, NOT_THERE, putOf, updateOf, writesOn } from './writes';

const KEY = { PK: 'USER#1', SK: 'PROFILE' };

describe('an update', () => {
  test('sets, sets once, removes and adds, with names that may be reserved words', () => {
    expect(
      updateOf('table', KEY, {
        set: { name: 'ada', size: 3 },
        setOnce: { createdAt: 'now' },
        remove: ['image'],
        add: { version: 1 },
      }),
    ).toEqual({
      TableName: 'table',
      Key: KEY,
      UpdateExpression:
        'SET #name = :new_name, #size = :new_size, #createdAt = if_not_exists(#createdAt, :new_createdAt) ' +
        'REMOVE #image ADD #version :new_version',
      ExpressionAttributeNames: {
        '#name': 'name',
        '#size': 'size',
        '#createdAt': 'createdAt',
        '#image': 'image',
        '#version': 'version',
      },
      ExpressionAttributeValues: { ':new_name': 'ada', ':new_size': 3, ':new_createdAt': 'now', ':new_version': 1 },
      ConditionExpression: undefined,
      ReturnValuesOnConditionCheckFailure: undefined,
    });
  });

  test('leaves out what is undefined', () => {
    expect(updateOf('table', KEY, { set: { name: undefined, bio: 'b' }, add: { count: undefined } })).toMatchObject({
      UpdateExpression: 'SET #bio = :new_bio',
      ExpressionAttributeValues: { ':new_bio': 'b' },
    });
  });

  test('that only removes has no values', () => {
    expect(updateOf('table', KEY, { remove: ['bio'] })).toMatchObject({
      UpdateExpression: 'REMOVE #bio',
      ExpressionAttributeValues: undefined,
    });
  });

  test('that changes nothing is an error', () => {
    expect(() => updateOf('table', KEY, { set: { name: undefined } })).toThrow('An update must change something');
  });

  test('may have a condition, whose values it keeps apart from its own', () => {
    const condition = { expression: 'bio = :bio', values: { ':bio': 'old' } };
    expect(updateOf('table', KEY, { set: { bio: 'new' } }, condition)).toMatchObject({
      ConditionExpression: 'bio = :bio',
      ExpressionAttributeValues: { ':bio': 'old', ':new_bio': 'new' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });
});

test('a put and a deletion tell the item as it was where their condition fails', () => {
  expect(putOf('table', { ...KEY, name: 'ada' }, NOT_THERE)).toEqual({
    TableName: 'table',
    Item: { ...KEY, name: 'ada' },
    ExpressionAttributeValues: undefined,
    ConditionExpression: 'attribute_not_exists(PK)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  expect(deleteOf('table', KEY, EXISTS)).toMatchObject({
    Key: KEY,
    ConditionExpression: 'attribute_exists(PK)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  expect(deleteOf('table', KEY)).toMatchObject({ ReturnValuesOnConditionCheckFailure: undefined });
});

test('each write of a transaction is of its kind and on its table', () => {
  const { put, update, remove, check } = writesOn('table');
  expect(put({ ...KEY })).toMatchObject({ Put: { TableName: 'table', Item: KEY } });
  expect(update(KEY, { add: { count: 1 } })).toMatchObject({ Update: { TableName: 'table', Key: KEY } });
  expect(remove(KEY)).toMatchObject({ Delete: { TableName: 'table', Key: KEY } });
  expect(check(KEY, EXISTS)).toMatchObject({
    ConditionCheck: { TableName: 'table', Key: KEY, ConditionExpression: 'attribute_exists(PK)' },
  });
});
