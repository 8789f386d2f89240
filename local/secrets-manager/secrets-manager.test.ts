import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { startTestServices, TestServices } from '../testing';

const SECRET = 'AWS::SecretsManager::Secret';
const ROTATOR = 'arn:aws:lambda:us-east-1:000000000000:function:rotator';

describe('Secrets Manager through the endpoint', () => {
  let test: TestServices;
  let client: SecretsManagerClient;
  let dataDir: string;

  async function begin(): Promise<void> {
    test = await startTestServices({ dataDir });
    client = new SecretsManagerClient({ ...test.client, maxAttempts: 1 });
  }

  async function end(): Promise<void> {
    client.destroy();
    await test.close();
  }

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'secrets-'));
    await begin();
  });

  afterEach(async () => {
    await end();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const value = async (SecretId: string, more = {}): Promise<string | undefined> =>
    (await client.send(new GetSecretValueCommand({ SecretId, ...more }))).SecretString;

  it('generates a value once and keeps it, readable by its owner only', async () => {
    const options = {
      SecretStringTemplate: '{"user":"me"}',
      GenerateStringKey: 'password',
      PasswordLength: 20,
      ExcludePunctuation: true,
    };
    const { ref } = await test.create(SECRET, 'Secret', { GenerateSecretString: options });
    expect(ref).toMatch(
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:Test-Secret-[0-9A-F]{12}-[A-Za-z0-9]{6}$/,
    );
    const first = JSON.parse((await value(ref)) ?? '') as { user: string; password: string };
    expect(first.user).toBe('me');
    expect(first.password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{20}$/);
    expect(statSync(join(dataDir, 'secrets.json')).mode % 0o1000).toBe(0o600);
    expect(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).toContain(first.password);
    await end();
    await begin();
    const again = await test.create(SECRET, 'Secret', { GenerateSecretString: options });
    expect(again.ref).toBe(ref);
    expect(JSON.parse((await value(ref)) ?? '')).toEqual(first);
  });

  it('asks IAM for the secret with the stage that is read', async () => {
    const { ref } = await test.create(SECRET, 'Secret', { Name: 'app/key', SecretString: 'x' });
    await value('app/key');
    await value(ref.slice(0, -7), { VersionStage: 'AWSCURRENT' });
    expect(
      test.authorizations.map(({ resources, context }) => [resources[0], context?.['secretsmanager:VersionStage']]),
    ).toEqual([
      [ref, 'AWSCURRENT'],
      [ref, 'AWSCURRENT'],
    ]);
    test.denied.add('secretsmanager:GetSecretValue');
    await expect(value(ref)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('moves stages as AWS does', async () => {
    const { ref } = await test.create(SECRET, 'Secret', { SecretString: 'one' });
    const put = await client.send(new PutSecretValueCommand({ SecretId: ref, SecretString: 'two' }));
    expect([await value(ref), await value(ref, { VersionStage: 'AWSPREVIOUS' })]).toEqual(['two', 'one']);
    const next = await client.send(
      new PutSecretValueCommand({ SecretId: ref, SecretString: 'three', VersionStages: ['NEXT'] }),
    );
    expect(await value(ref)).toBe('two');
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: ref,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: next.VersionId,
        RemoveFromVersionId: put.VersionId,
      }),
    );
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: ref }));
    expect(VersionIdsToStages).toEqual({
      [String(next.VersionId)]: ['NEXT', 'AWSCURRENT'],
      [String(put.VersionId)]: ['AWSPREVIOUS'],
    });
  });

  it('rotates by the four steps of its function, at deployment and on request', async () => {
    const { ref } = await test.create(SECRET, 'Secret', { SecretString: 'one' });
    await test.create('AWS::SecretsManager::RotationSchedule', 'Schedule', {
      SecretId: ref,
      RotationLambdaARN: ROTATOR,
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
    });
    test.functions.set('rotator', async (event) => {
      const { Step, SecretId, ClientRequestToken } = event as {
        Step: string;
        SecretId: string;
        ClientRequestToken: string;
      };
      if (Step === 'createSecret') {
        const SecretString = `${await value(SecretId)}+`;
        await client.send(
          new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] }),
        );
      }
      if (Step === 'finishSecret') {
        const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
        const [current] =
          Object.entries(VersionIdsToStages ?? {}).find(([, stages]) => stages.includes('AWSCURRENT')) ?? [];
        await client.send(
          new UpdateSecretVersionStageCommand({
            SecretId,
            VersionStage: 'AWSCURRENT',
            MoveToVersionId: ClientRequestToken,
            RemoveFromVersionId: current,
          }),
        );
      }
    });
    await test.host.deployed();
    expect(test.invocations.map(({ event }) => (event as { Step: string }).Step)).toEqual([
      'createSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ]);
    expect(await value(ref)).toBe('one+');
    await client.send(new RotateSecretCommand({ SecretId: ref }));
    await test.host.idle();
    expect([await value(ref), await value(ref, { VersionStage: 'AWSPREVIOUS' })]).toEqual(['one++', 'one+']);
  });

  it('does not rotate at deployment when the schedule says so, and tells of a failed step', async () => {
    const { ref } = await test.create(SECRET, 'Secret', { SecretString: 'one' });
    await test.create('AWS::SecretsManager::RotationSchedule', 'Schedule', {
      SecretId: ref,
      RotationLambdaARN: ROTATOR,
      RotateImmediatelyOnUpdate: false,
    });
    await test.host.deployed();
    expect(test.invocations).toEqual([]);
    test.functions.set('rotator', () => {
      throw new Error('no way');
    });
    await client.send(new RotateSecretCommand({ SecretId: ref }));
    await test.host.idle();
    expect(test.logs).toContainEqual(expect.stringContaining('failed in createSecret: {"errorMessage":"no way"}'));
    expect(await value(ref)).toBe('one');
  });

  it('refuses by name what it does not do', async () => {
    await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({ name: 'UnknownOperationException' });
    await expect(test.create(SECRET, 'Odd', { ReplicaRegions: [] })).rejects.toThrow(
      'property ReplicaRegions is not supported',
    );
    await expect(value('missing')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
