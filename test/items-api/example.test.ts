import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readSettings, settingsOf } from '../../examples/items/settings';
import { items } from '../../examples/items/system';

/** examples/items: what it takes of the environment, and what becomes of it. */

const PLACE = { AWS_REGION: 'eu-north-1', AWS_ACCOUNT: '123456789012' };
const ENV = { account: PLACE.AWS_ACCOUNT, region: PLACE.AWS_REGION };
const ARN = 'arn:aws:lambda:eu-north-1:123456789012:function:my-existing-authorizer';

describe('settings', () => {
  test('of dev and test need nothing, those of prod a place', () => {
    expect(settingsOf(undefined, {})).toEqual({ stage: 'dev' });
    expect(settingsOf('test', { AWS_REGION: 'eu-north-1' })).toEqual({ stage: 'test' });
    expect(settingsOf('prod', PLACE)).toEqual({ stage: 'prod', env: ENV });
    expect(() => settingsOf('prod', {})).toThrow('AWS_REGION and AWS_ACCOUNT must be set for stage prod');
    expect(() => settingsOf('prod', { ...PLACE, AWS_ACCOUNT: '' })).toThrow('AWS_ACCOUNT must be set for stage prod');
  });

  test('say who may call, by one of two', () => {
    expect(settingsOf('dev', { AUTHORIZER_ARN: ARN })).toEqual({ stage: 'dev', authorizerArn: ARN });
    expect(settingsOf('dev', { SECRETS_ID: 'my/keys' })).toEqual({ stage: 'dev', secretsId: 'my/keys' });
    expect(() => settingsOf('dev', { AUTHORIZER_ARN: ARN, SECRETS_ID: 'keys' })).toThrow(
      'Either set AUTHORIZER_ARN or SECRETS_ID, but not both',
    );
  });

  test.each([
    ['AWS_REGION', 'stockholm', 'AWS_REGION must be a region such as eu-north-1, got: stockholm'],
    ['AWS_ACCOUNT', '1234', 'AWS_ACCOUNT must be the 12 digits of an account, got: 1234'],
    ['AUTHORIZER_ARN', 'my-authorizer', 'AUTHORIZER_ARN must be the ARN of a Lambda function'],
    ['AUTHORIZER_ARN', 'arn:aws:s3:::bucket', 'got: arn:aws:s3:::bucket'],
    ['SECRETS_ID', 'two words', 'SECRETS_ID must be the name or the ARN of a secret, got: two words'],
  ])('with a wrong %s "%s" say what it must be', (name, value, message) => {
    expect(() => settingsOf('dev', { [name]: value })).toThrow(message);
  });

  test('say all that is wrong at once, and which stages there are', () => {
    expect(() => settingsOf('dev', { AWS_REGION: 'x', AWS_ACCOUNT: 'y' })).toThrow(/AWS_REGION[^]*AWS_ACCOUNT/);
    expect(() => settingsOf('production', PLACE)).toThrow('stage must be one of dev, test, prod, got: production');
    expect(() => readSettings('../dev', PLACE)).toThrow('stage must be one of dev, test, prod, got: ../dev');
  });
});

describe('the file of a stage', () => {
  const folder = mkdtempSync(join(tmpdir(), 'items-settings-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is read, and what the environment has set counts before it', () => {
    writeFileSync(join(folder, '.env.test'), 'AWS_REGION=eu-north-1\nAWS_ACCOUNT=123456789012\nSECRETS_ID=of-file\n');
    expect(readSettings('test', {}, folder)).toEqual({ stage: 'test', env: ENV, secretsId: 'of-file' });
    expect(readSettings('test', { SECRETS_ID: 'of-shell' }, folder)).toMatchObject({ secretsId: 'of-shell' });
    expect(readSettings('dev', {}, folder)).toEqual({ stage: 'dev' });
  });

  test('that names no place is refused', () => {
    writeFileSync(join(folder, '.env.dev'), 'AWS_REGION=eu-north-1\n');
    expect(() => readSettings('dev', {}, folder)).toThrow('AWS_ACCOUNT must be set for stage dev');
  });

  test('has an example with every variable, which is good as it stands', () => {
    const text = readFileSync(join(__dirname, '../../examples/items/.env.example'), 'utf8');
    expect(settingsOf('prod', parseEnv(text))).toEqual({ stage: 'prod', env: ENV });
    expect(text.match(/^(# )?[A-Z_]+(?==)/gm)).toEqual([
      'AWS_REGION',
      'AWS_ACCOUNT',
      '# AUTHORIZER_ARN',
      '# SECRETS_ID',
    ]);
  });
});

describe('the app', () => {
  const SETTINGS = [
    settingsOf('dev', {}),
    settingsOf('test', { AUTHORIZER_ARN: ARN }),
    settingsOf('prod', { ...PLACE, SECRETS_ID: 'keys' }),
  ];

  test.each(SETTINGS)('of $stage has no finding of cdk-nag', (settings) => {
    const app = new App();
    items(app, settings);
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });

  test('of each stage is a stack of its own, which one app may have beside another', () => {
    const names = SETTINGS.map((settings) => items(new App(), settings).stackName);
    expect(names).toEqual(['Items', 'Items-test', 'Items-prod']);
  });

  test.each([
    ['keys', 'secret:keys-??????'],
    ['arn:aws:secretsmanager:eu-north-1:123456789012:secret:keys-AbCdEf', 'secret:keys-AbCdEf'],
    ['arn:aws:secretsmanager:eu-north-1:123456789012:secret:keys', 'secret:keys-??????'],
  ])('with the secret %s reads that secret alone', (secretsId, resource) => {
    const template = Template.fromStack(items(new App(), settingsOf('prod', { ...PLACE, SECRETS_ID: secretsId })));
    const statements = Object.values(template.findResources('AWS::IAM::Policy') as Record<string, Policy>)
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => JSON.stringify(Action).includes('secretsmanager:GetSecretValue'));
    expect(statements).toHaveLength(1);
    expect(JSON.stringify(statements[0].Resource)).toContain(resource);
  });
});

interface Policy {
  readonly Properties: { readonly PolicyDocument: { readonly Statement: { Action: unknown; Resource: unknown }[] } };
}
