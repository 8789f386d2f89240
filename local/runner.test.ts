import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, CfnOutput, CustomResource, Stack } from 'aws-cdk-lib';
import { CorsHttpMethod, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { synthesize, TestAssembly } from './assembly/test-assembly';
import { startApp } from './runner';
import { RunningApp } from './running-app';

const SDK = require.resolve('@aws-sdk/client-dynamodb');

const API_CODE = `
const { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } = require(${JSON.stringify(SDK)});
const client = new DynamoDBClient({});
const TableName = process.env.TABLE;
exports.handler = async (event) => {
  const id = event.pathParameters.id;
  if (event.routeKey.startsWith('PUT')) {
    await client.send(new PutItemCommand({ TableName, Item: { PK: { S: id }, text: { S: event.body } } }));
    return { statusCode: 201 };
  }
  try {
    if (id === 'all') return (await client.send(new ScanCommand({ TableName }))).Items;
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { PK: { S: id } }, ConsistentRead: true }));
    return Item ? { text: Item.text.S, copy: Item.copy && Item.copy.S } : { statusCode: 404 };
  } catch (error) {
    return { statusCode: 500, body: error.name };
  }
};`;

const STREAM_CODE = `
const { DynamoDBClient, UpdateItemCommand } = require(${JSON.stringify(SDK)});
const client = new DynamoDBClient({});
exports.handler = async (event) => {
  for (const { dynamodb, eventName } of event.Records) {
    if (eventName !== 'INSERT') continue;
    await client.send(new UpdateItemCommand({ TableName: process.env.TABLE, Key: dynamodb.Keys,
      UpdateExpression: 'SET #copy = :copy', ExpressionAttributeNames: { '#copy': 'copy' },
      ExpressionAttributeValues: { ':copy': dynamodb.NewImage.text } }));
  }
};`;

// As CDK's own helpers answer: https, without the port.
const CUSTOM_CODE = `
const https = require('node:https');
const { parse } = require('node:url');
exports.handler = async (event) => new Promise((resolve, reject) => {
  console.log(event.RequestType);
  const { hostname, path } = parse(event.ResponseURL);
  const request = https.request({ hostname, path, method: 'PUT' }, resolve);
  request.on('error', reject);
  request.end(JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'made', Data: { Greeting: event.ResourceProperties.name + '!' } }));
});`;

let assembly: TestAssembly;
let app: RunningApp;
let base: string;

beforeAll(async () => {
  assembly = synthesize((cdk, code) => {
    const data = new Stack(cdk, 'Data');
    const table = new TableV2(data, 'Table', {
      partitionKey: { name: 'PK', type: AttributeType.STRING },
      dynamoStream: StreamViewType.NEW_IMAGE,
    });
    const stack = new Stack(cdk, 'Api');
    const make = (id: string, content: string): LambdaFunction =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromAsset(code({ 'index.js': content })),
        environment: { TABLE: table.tableName },
        timeout: Duration.seconds(10),
      });
    const items = make('Items', API_CODE);
    table.grant(items, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem');
    const copier = make('Copier', STREAM_CODE);
    table.grant(copier, 'dynamodb:UpdateItem');
    copier.addEventSource(new DynamoEventSource(table, { startingPosition: StartingPosition.TRIM_HORIZON }));
    const api = new HttpApi(stack, 'Http', {
      corsPreflight: { allowOrigins: ['*'], allowMethods: [CorsHttpMethod.ANY], allowHeaders: ['*'] },
    });
    const integration = new HttpLambdaIntegration('Integration', items);
    api.addRoutes({ path: '/items/{id}', methods: [HttpMethod.GET, HttpMethod.PUT], integration });
    const custom = new CustomResource(stack, 'Custom', {
      resourceType: 'Custom::Greeting',
      serviceToken: make('Greeter', CUSTOM_CODE).functionArn,
      properties: { name: 'hello' },
    });
    new CfnOutput(stack, 'Url', { value: api.url ?? '' });
    new CfnOutput(stack, 'Greeting', { value: custom.getAttString('Greeting') });
  });
  // A stream that is behind: only waiting for it gives what it leads to.
  app = await startApp({ assembly: assembly.directory, port: 0, lag: { stream: 200 } });
  base = app.urls[0]?.url ?? '';
}, 60_000);

afterAll(async () => {
  await app?.close();
  assembly.remove();
});

test('a request goes through API, function and table', async () => {
  expect((await fetch(`${base}/items/a`)).status).toBe(404);
  expect(
    (await fetch(`${base}/items/a`, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/plain' } })).status,
  ).toBe(201);
  expect(await (await fetch(`${base}/items/a`)).json()).toMatchObject({ text: 'x' });
});

test('idle waits for what the stream leads to', async () => {
  await fetch(`${base}/items/s`, { method: 'PUT', body: 'y', headers: { 'content-type': 'text/plain' } });
  await app.idle();
  expect(await (await fetch(`${base}/items/s`)).json()).toEqual({ text: 'y', copy: 'y' });
});

test('what the role does not allow fails with AccessDenied', async () => {
  const response = await fetch(`${base}/items/all`);
  expect([response.status, await response.text()]).toEqual([500, 'AccessDeniedException']);
});

test('every request is known with its AWS calls, and calls can be counted', async () => {
  await app.idle();
  app.clearCalls();
  await fetch(`${base}/items/none?q=1`);
  expect(app.calls()).toMatchObject([{ service: 'dynamodb', operation: 'GetItem', status: 200 }]);
  expect(app.requests().at(-1)).toMatchObject({
    method: 'GET',
    path: '/items/none?q=1',
    status: 404,
    routeKey: 'GET /items/{id}',
    calls: [{ operation: 'GetItem' }],
  });
});

test('what the functions may do and never did is reported', () => {
  const unused = app.unusedActions().filter(({ role }) => role.includes('Items'));
  expect(unused.map(({ action }) => action)).toEqual(['dynamodb:DeleteItem']);
});

test('outputs hold local addresses and the data of custom resources', async () => {
  expect(app.outputs.Api).toMatchObject({ Url: `${base}/`, Greeting: 'hello!' });
  expect(app.urls).toContainEqual({ name: 'Api.Url', url: `${base}/` });
});

test('resources are found by logical id and by construct path', async () => {
  const name = app.physicalId('Data/Table');
  expect(app.resources.find(({ ref }) => ref === name)?.type).toMatch(/^AWS::DynamoDB::/);
  expect(() => app.physicalId('Nothing')).toThrow('no resource of the app is called Nothing');
  expect(() => app.physicalId('Resource')).toThrow();
  const { payload } = await app.invoke('Api/Items', { routeKey: 'GET', pathParameters: { id: 'none' } });
  expect(payload).toEqual({ statusCode: 404 });
});

test('starting can be given up', async () => {
  const abort = new AbortController();
  const starting = startApp({ assembly: assembly.directory, port: 0, signal: abort.signal, log: () => abort.abort() });
  await expect(starting).rejects.toThrow('stopped while starting');
});

test('a named data folder makes the second run update the custom resource, and keeps the items', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'runner-data-'));
  try {
    const counts: number[] = [];
    for (const id of ['one', 'two']) {
      const run = await startApp({ assembly: assembly.directory, port: 0, dataDir });
      const url = run.urls[0]?.url ?? '';
      await fetch(`${url}/items/${id}`, { method: 'PUT', body: id, headers: { 'content-type': 'text/plain' } });
      const answers = await Promise.all(['one', 'two'].map(async (key) => (await fetch(`${url}/items/${key}`)).status));
      counts.push(answers.filter((status) => status === 200).length);
      expect(run.logs('Api/Greeter').map(({ text }) => text)).toContain(id === 'one' ? 'Create' : 'Update');
      await run.close();
    }
    expect(counts).toEqual([1, 2]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 30_000);

describe('the page at /_local', () => {
  async function ask(path: string): Promise<Response> {
    return fetch(`${base}${path}`);
  }

  test('is made of files of its own, with a policy that lets nothing else in', async () => {
    const response = await ask('/_local');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]),
    );
    const html = await response.text();
    const parts = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path = '']) => path);
    expect(parts).toEqual(['/_local/page.css', '/_local/tables', '/_local/page.js']);
    const [css, tables, js] = await Promise.all(parts.map(async (path) => ask(path)));
    expect(tables?.headers.get('content-security-policy')).toBe(policy);
    expect(css?.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(js?.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await js?.text()).not.toMatch(/innerHTML|eval/);
  });

  test('has resources, items and requests as JSON', async () => {
    await fetch(`${base}/items/page`, { method: 'PUT', body: '<b>', headers: { 'content-type': 'text/plain' } });
    const data = (await (await ask('/_local/api')).json()) as Record<string, { [key: string]: unknown }[]>;
    expect(data.resources?.map(({ type }) => type)).toContain('AWS::ApiGatewayV2::Api');
    expect(JSON.stringify(data.tables)).toContain('<b>');
    expect(data.requests?.[0]).toMatchObject({ method: 'PUT', path: '/items/page', calls: [{ operation: 'PutItem' }] });
  });

  test.each([
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['localhost:3000', 200],
    ['127.0.0.1', 200],
    ['[::1]:3000', 200],
  ])('asked as %s is %d', async (host, status) => {
    for (const path of ['/_local', '/_local/api']) {
      const got = await new Promise<number | undefined>((resolve, reject) => {
        get(`${base}${path}`, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on(
          'error',
          reject,
        );
      });
      expect(got).toBe(status);
    }
  });
});
