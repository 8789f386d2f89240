import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeployedResource, FunctionInvoker, InvocationResult } from '../types';
import { CustomResourceProvider } from './provider';
import { ResponseServer } from './response-server';
import { CustomResourceState } from './state';

type Event = Record<string, unknown> & { ResponseURL: string };

let responses: ResponseServer;
let dataDir: string;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'custom-resource-'));
  responses = new ResponseServer();
  await responses.start();
});

afterEach(async () => {
  await responses.close();
  rmSync(dataDir, { recursive: true });
});

async function put(url: string, body: unknown): Promise<number> {
  return (await fetch(url, { method: 'PUT', body: JSON.stringify(body) })).status;
}

function provider(handler: (event: Event) => Promise<Partial<InvocationResult> | void>): CustomResourceProvider {
  const invoker: FunctionInvoker = {
    invoke: async (_arn, payload) => ({ invocationId: 'i', payload: null, ...(await handler(payload as Event)) }),
  };
  const state = new CustomResourceState(dataDir);
  return new CustomResourceProvider({ invoker, responses, state, region: 'us-east-1', accountId: '000000000000' });
}

const RESOURCE: DeployedResource = {
  stackName: 'S',
  logicalId: 'Keys',
  type: 'Custom::KeyPair',
  properties: { ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:fn', count: 2, flags: [true], text: 'a' },
};

test('the function gets the event of CloudFormation, values as text, and its data become attributes', async () => {
  let got: Event | undefined;
  const created = await provider(async (event) => {
    got = event;
    await put(event.ResponseURL, { Status: 'SUCCESS', PhysicalResourceId: 'p', Data: { Kid: 'k' } });
  }).create(RESOURCE);
  expect(created).toEqual({ ref: 'p', attributes: { Kid: 'k' } });
  expect(got).toMatchObject({
    RequestType: 'Create',
    LogicalResourceId: 'Keys',
    ResourceType: 'Custom::KeyPair',
    StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/S/local',
    ResourceProperties: { count: '2', flags: ['true'], text: 'a' },
  });
});

test('the answer may come after the function has returned', async () => {
  const created = await provider(async (event) => {
    setImmediate(() => void put(event.ResponseURL, { Status: 'SUCCESS', PhysicalResourceId: 'late' }));
  }).create(RESOURCE);
  expect(created.ref).toBe('late');
});

test('a second run with the same data updates', async () => {
  const events: Event[] = [];
  const handler = async (event: Event): Promise<void> => {
    events.push(event);
    await put(event.ResponseURL, { Status: 'SUCCESS', PhysicalResourceId: 'p' });
  };
  await provider(handler).create(RESOURCE);
  await provider(handler).create({ ...RESOURCE, properties: { ...RESOURCE.properties, text: 'b' } });
  expect(events[1]).toMatchObject({
    RequestType: 'Update',
    PhysicalResourceId: 'p',
    OldResourceProperties: { text: 'a' },
    ResourceProperties: { text: 'b' },
  });
});

test.each<[string, (event: Event) => Promise<Partial<InvocationResult> | void>, object, string]>([
  [
    'FAILED',
    async (event): Promise<void> => void (await put(event.ResponseURL, { Status: 'FAILED', Reason: 'no rights' })),
    {},
    'S/Keys (Custom::KeyPair): the custom resource failed: no rights',
  ],
  [
    'a function error',
    async (): Promise<Partial<InvocationResult>> => ({ functionError: 'Unhandled', payload: { errorMessage: 'boom' } }),
    {},
    'S/Keys (Custom::KeyPair): the function of the custom resource failed: boom',
  ],
  [
    'silence',
    async (): Promise<void> => undefined,
    { ServiceTimeout: '0.05' },
    'S/Keys (Custom::KeyPair): the custom resource did not answer within 0.05 s',
  ],
])('%s is said', async (_name, handler, properties, message) => {
  const resource = { ...RESOURCE, properties: { ...RESOURCE.properties, ...properties } };
  await expect(provider(handler).create(resource)).rejects.toThrow(message);
});

test('an address nobody was given, or another method, is not found', async () => {
  const base = `http://127.0.0.1:${responses.port}`;
  expect(await put(`${base}/cfn-response/guess`, { Status: 'SUCCESS' })).toBe(404);
  const { url, forget } = responses.expect();
  expect((await fetch(url)).status).toBe(404);
  forget();
  expect(await put(url, {})).toBe(404);
});
