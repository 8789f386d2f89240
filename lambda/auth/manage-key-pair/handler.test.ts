import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from './index';
import { KeyRepository } from './repository';
import { verified as verify } from '../../../test/support/keys';
import { useLogLines } from '../../../test/support/log-lines';
import { awsError, FakeSecret } from '../../../test/support/secrets';
import { type Jwk, sign, type SigningKey } from '../tokens';

const logged = useLogLines();

interface Answer {
  readonly method?: string;
  readonly type?: string;
  readonly body: { readonly Status: string; readonly Reason: string; readonly PhysicalResourceId: string };
}

const secrets = mockClient(SecretsManagerClient);
const db = mockClient(DynamoDBDocumentClient);
const CLAIMS = { userId: '01900000-0001-7000-8000-000000000001', generation: 1 };

/** In the place of CloudFormation. */
let cloudFormation: Server;
let answers: Answer[];
let answerWith: number;
let secret: FakeSecret;
let jwks: Record<string, unknown> | undefined;
/** Of the function's time, in ms. */
let timeLeft: number;
const context = { getRemainingTimeInMillis: () => timeLeft } as Context;

async function take(message: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'];
  answers.push({ method: message.method, type: message.headers['content-type'], body });
}

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    ACCOUNTS_TABLE_NAME: 'accounts',
    TOKEN_LIFETIME_SECONDS: '3600',
  });
  cloudFormation = createServer((message, response) => {
    void take(message).then(() => response.writeHead(answerWith).end());
  });
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
});

afterAll(() => new Promise((resolve) => cloudFormation.close(resolve)));

beforeEach(() => {
  answers = [];
  answerWith = 200;
  jwks = undefined;
  timeLeft = 120_000;
  secrets.reset();
  db.reset();
  secret = new FakeSecret('made-at-random');
  secret.answer(secrets);
  db.on(GetCommand).callsFake(() => ({ Item: jwks }));
  db.on(PutCommand).callsFake(({ Item, ExpressionAttributeValues }) => {
    const expected = (ExpressionAttributeValues as Record<string, unknown>)[':version'];
    if (jwks && jwks.version !== expected) throw awsError('ConditionalCheckFailedException');
    jwks = Item as Record<string, unknown>;
    return {};
  });
});

function deployment(RequestType: 'Create' | 'Update' | 'Delete') {
  const { port } = cloudFormation.address() as AddressInfo;
  const event = {
    RequestType,
    ServiceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:manager',
    ResponseURL: `http://127.0.0.1:${port}/answer?signature=abc`,
    StackId: 'stack-1',
    RequestId: 'request-1',
    LogicalResourceId: 'KeyPair',
    ResourceType: 'Custom::JwtKeyPair',
    ResourceProperties: { ServiceToken: 'x', SecretArn: 'arn:secret' },
    ...(RequestType === 'Create' ? {} : { PhysicalResourceId: 'jwt-key-pair-first' }),
  } as Parameters<typeof handler>[0];
  return handler(event, context);
}
const rotate = (Step: string, ClientRequestToken = 'v2') =>
  handler({ SecretId: 'arn:secret', Step, ClientRequestToken } as Parameters<typeof handler>[0], context);

const signing = () => JSON.parse(secret.versions.get(secret.at('AWSCURRENT') ?? '')?.value ?? '') as SigningKey;
const verifies = async () => verify(await sign(CLAIMS, signing(), 60), { keys: (jwks?.keys ?? []) as Jwk[] });

describe('a deployment', () => {
  test('makes the pair over the random value of the secret, and says so where CloudFormation listens', async () => {
    await deployment('Create');
    await expect(verifies()).resolves.toMatchObject(CLAIMS);
    expect(answers).toEqual([
      {
        method: 'PUT',
        type: '',
        body: {
          Status: 'SUCCESS',
          Reason: '',
          PhysicalResourceId: 'jwt-key-pair-request-1',
          StackId: 'stack-1',
          RequestId: 'request-1',
          LogicalResourceId: 'KeyPair',
        },
      },
    ]);
    expect(jwks).toMatchObject({ PK: 'JWKS', SK: 'JWKS', version: 1, retired: {} });
    expect(JSON.stringify(jwks)).not.toContain('"d"');
  });

  test('that is repeated, or updates, changes nothing and keeps the id', async () => {
    await deployment('Create');
    const made = secret.versions.size;
    await deployment('Create');
    await deployment('Update');
    expect(secret.versions.size).toBe(made);
    expect(jwks?.version).toBe(1);
    expect(answers.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(answers[2].body.PhysicalResourceId).toBe('jwt-key-pair-first');
  });

  test('that takes it away touches neither secret nor table', async () => {
    await deployment('Delete');
    expect(answers[0].body).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'jwt-key-pair-first' });
    expect([secrets.calls().length, db.calls().length]).toEqual([0, 0]);
  });

  test.each([
    [
      'the secret cannot be written',
      () => secrets.on(PutSecretValueCommand).rejects(awsError('AccessDeniedException')),
    ],
    ['the table cannot be written', () => db.on(PutCommand).rejects(awsError('AccessDeniedException'))],
  ])('fails where %s in its time, and names the kind of error but none of its data', async (_, break_) => {
    break_();
    timeLeft = 20_000;
    await deployment('Create');
    expect(answers).toHaveLength(1);
    const { Status, Reason } = answers[0].body;
    expect([Status, Reason]).toEqual(['FAILED', 'The key pair was not made: AccessDeniedException']);
    expect(JSON.stringify(answers)).not.toMatch(/arn:aws:secretsmanager|signing-key|123456789012/);
    expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', error: 'AccessDeniedException' })]);
    expect(JSON.stringify(logged())).not.toMatch(/arn:aws:secretsmanager|signing-key|123456789012/);
  });

  test('that is denied at first, as IAM does for a while after a role is made, succeeds', async () => {
    jest.spyOn(KeyRepository.prototype, 'pause').mockImplementation(async (ms) => {
      timeLeft -= ms;
    });
    secret.denied = 3;
    db.on(PutCommand)
      .rejectsOnce(awsError('AccessDeniedException'))
      .callsFake(({ Item }) => {
        jwks = Item as Record<string, unknown>;
        return {};
      });
    await deployment('Create');
    expect(answers.map(({ body }) => body.Status)).toEqual(['SUCCESS']);
    await expect(verifies()).resolves.toMatchObject(CLAIMS);
    expect(jwks?.keys).toHaveLength(1);
  });

  test('whose answer is not taken fails, so that Lambda does it again', async () => {
    answerWith = 403;
    await expect(deployment('Create')).rejects.toThrow('CloudFormation answered 403');
    answerWith = 200;
    await deployment('Create');
    expect(answers[1].body.Status).toBe('SUCCESS');
    expect(jwks?.version).toBe(1);
  });

  test('publishes beside somebody who publishes at the same time', async () => {
    const other = { kid: 'other', kty: 'EC' };
    db.on(GetCommand)
      .resolvesOnce({})
      .callsFake(() => ({ Item: jwks }));
    jwks = { keys: [other], retired: {}, version: 4 };
    await deployment('Create');
    expect(jwks).toMatchObject({ version: 5, keys: [other, { kid: signing().kid }] });
  });
});

describe('a rotation', () => {
  beforeEach(() => deployment('Create'));

  test('goes by its steps: the secret and the published keys follow', async () => {
    const before = signing().kid;
    await rotate('createSecret');
    expect(signing().kid).toBe(before);
    expect(secret.at('AWSPENDING')).toBe('v2');
    await rotate('setSecret');
    await rotate('testSecret');
    await rotate('finishSecret');
    expect(secret.at('AWSCURRENT')).toBe('v2');
    expect(signing().kid).not.toBe(before);
    await expect(verifies()).resolves.toMatchObject(CLAIMS);
    expect((jwks?.keys as { kid: string }[]).map(({ kid }) => kid)).toEqual([before, signing().kid]);
    expect(Object.keys(jwks?.retired as object)).toEqual([before]);
  });

  test('whose steps are repeated does each once', async () => {
    for (const step of ['createSecret', 'createSecret', 'testSecret', 'finishSecret', 'finishSecret']) {
      await rotate(step);
    }
    expect(jwks?.keys).toHaveLength(2);
    expect(secrets.commandCalls(UpdateSecretVersionStageCommand)).toHaveLength(1);
  });

  test('fails, for Secrets Manager to try again, where a step fails', async () => {
    secrets.on(PutSecretValueCommand).rejects(awsError('InternalServiceError'));
    await expect(rotate('createSecret')).rejects.toMatchObject({ name: 'InternalServiceError' });
    await expect(rotate('noSuchStep')).rejects.toThrow('Unknown step');
  });

  test('stops at what is not "not there": a denied read makes no second key', async () => {
    secrets.rejects(awsError('AccessDeniedException'));
    const published = jwks?.version;
    await expect(rotate('createSecret')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(jwks?.version).toBe(published);
  });
});
