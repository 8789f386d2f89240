import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServices, TestServices } from '../testing';

const BUCKET = 'AWS::S3::Bucket';
const POLICY = 'AWS::S3::BucketPolicy';

const encrypted = (key: string) => ({
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [
      { ServerSideEncryptionByDefault: { KMSMasterKeyID: key, SSEAlgorithm: 'aws:kms' } },
    ],
  },
});

async function withServices(dataDir: string | undefined, work: (test: TestServices) => Promise<void>): Promise<void> {
  const test = await startTestServices({ dataDir });
  try {
    await work(test);
  } finally {
    await test.close();
  }
}

test('a bucket has a name that S3 takes, and shows what is put into it, newest first', async () => {
  await withServices(undefined, async (test) => {
    const { ref, attributes } = await test.create(BUCKET, 'DeadLetters', {});
    expect(ref).toMatch(/^test-deadletters-[a-z0-9]{12}$/);
    expect(attributes).toEqual({
      Arn: `arn:aws:s3:::${ref}`,
      DomainName: `${ref}.s3.amazonaws.com`,
      RegionalDomainName: `${ref}.s3.us-east-1.amazonaws.com`,
    });
    const bucket = test.host.bucket(ref);
    bucket?.put('a/1', 'text');
    bucket?.put('a/2', '{"n":1}');
    bucket?.put('a/1', 'again');
    const [{ name, items }] = await test.section('buckets');
    expect(name).toBe(ref);
    expect(items).toMatchObject([
      { key: 'a/1', content: 'again', lastModified: expect.stringMatching(/^\d{4}-/) as string },
      { key: 'a/2', content: { n: 1 } },
    ]);
    expect(test.host.bucket('other')).toBeUndefined();
  });
});

test('knows the key of the customer, and no other', async () => {
  await withServices(undefined, async (test) => {
    const keyOf = async (id: string, properties: object) =>
      test.host.bucket((await test.create(BUCKET, id, { ...properties })).ref)?.keyArn;
    const arn = 'arn:aws:kms:us-east-1:000000000000:key/mine';
    expect(await keyOf('Plain', {})).toBeUndefined();
    expect(await keyOf('ByArn', encrypted(arn))).toBe(arn);
    expect(await keyOf('ById', encrypted('mine'))).toBe(arn);
    expect(await keyOf('OfAws', encrypted('alias/aws/s3'))).toBeUndefined();
  });
});

test('objects last with a data folder', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'buckets-'));
  try {
    await withServices(dataDir, async (test) => {
      test.host.bucket((await test.create(BUCKET, 'Kept', {})).ref)?.put('key', 'value');
    });
    await withServices(dataDir, async (test) => {
      await test.create(BUCKET, 'Kept', {});
      expect((await test.section('buckets'))[0].items).toMatchObject([{ key: 'key', content: 'value' }]);
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

const statement = (more: object) => ({
  PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*', Principal: { AWS: '*' }, ...more }] },
});

test('a policy may deny what does not happen here, and grant nothing to anybody', async () => {
  await withServices(undefined, async (test) => {
    const { ref: Bucket } = await test.create(BUCKET, 'Mine', { BucketName: 'mine' });
    const policy = async (more: object) => test.create(POLICY, 'Policy', { Bucket, ...statement(more) });
    await policy({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    await policy({ Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } });
    await expect(policy({})).rejects.toThrow('PolicyDocument.Statement[0] is not supported here');
    await expect(policy({ Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } })).rejects.toThrow('not supported');
    await expect(test.create(POLICY, 'Policy', { Bucket: 'other', ...statement({}) })).rejects.toThrow(
      'Bucket other is not part of this app',
    );
    await expect(test.create(BUCKET, 'Second', { BucketName: 'mine' })).rejects.toThrow('BucketName mine is taken');
    await expect(test.create(BUCKET, 'Wrong', { BucketName: 'Mine' })).rejects.toThrow('is none that S3 takes');
    await expect(test.create(BUCKET, 'Wrong', { WebsiteConfiguration: {} })).rejects.toThrow(
      'property WebsiteConfiguration is not supported here',
    );
  });
});
