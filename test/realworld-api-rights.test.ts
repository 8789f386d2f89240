import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { RealWorldApi } from '../src';
import { actionsOf, statementsOf, synthesize } from './support/realworld-api';

describe('RealWorldApi and what may reach its data', () => {
  const plain = synthesize();

  test('keeps credentials in a table without a stream', () => {
    const tables = plain.template.findResources('AWS::DynamoDB::Table');
    const accounts = Object.entries(tables).filter(([id]) => id.includes('Accounts'));
    expect(accounts).toHaveLength(1);
    expect(JSON.stringify(accounts)).not.toContain('StreamSpecification');
  });

  test('lets only functions that sign in read the private key', () => {
    const readers = Object.keys(plain.api.functions).filter((fn) =>
      actionsOf(statementsOf(plain.template, fn)).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.sort()).toEqual(['CreateUser', 'Login', 'UpdateCurrentUser']);
  });

  test('lets only functions that need them read passwords', () => {
    const readers = Object.keys(plain.api.functions).filter((fn) =>
      statementsOf(plain.template, fn).some(
        (statement) =>
          [statement.Action].flat().includes('dynamodb:BatchGetItem') &&
          statement.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].some((key) =>
            key.startsWith('PASSWORD'),
          ),
      ),
    );
    expect(readers).toEqual(['Login']);
  });

  test('lets no function of an endpoint scan, use PartiQL, or read a table without a condition on its keys', () => {
    for (const fn of Object.keys(plain.api.functions)) {
      const statements = statementsOf(plain.template, fn);
      const actions = actionsOf(statements);
      expect(actions.filter((action) => /Scan|PartiQL|\*/.test(action))).toEqual([]);
      const unbounded = statements.filter(
        (statement) =>
          [statement.Action].flat().some((action) => action.startsWith('dynamodb:')) &&
          !statement.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].length,
      );
      expect(actionsOf(unbounded)).toEqual([]);
    }
  });

  test('lets the functions of tags, health, documents and unknown routes touch no credential', () => {
    for (const fn of ['GetTags', 'GetHealth', 'Docs', 'NotFound']) {
      expect(JSON.stringify(statementsOf(plain.template, fn))).not.toContain('Accounts');
    }
  });

  test('puts no secret into an environment', () => {
    for (const fn of Object.values(plain.template.findResources('AWS::Lambda::Function'))) {
      const names = Object.keys(
        (fn as { Properties: { Environment?: { Variables: object } } }).Properties.Environment?.Variables ?? {},
      );
      expect(
        names.filter(
          (name) =>
            !/(_TABLE_NAME|^TABLE_NAME|_SERVICE_NAME|_URL|_ARN|_SECONDS|_LENGTH|_CAP|_ABOVE|^DOCUMENT_VALUES|^ROUTES)$/.test(
              name,
            ),
        ),
      ).toEqual([]);
    }
  });

  test('encrypts all that it makes under the key it is given', () => {
    const stack = new Stack(new App(), 'Stack');
    new RealWorldApi(stack, 'Api', { encryptionKey: new kms.Key(stack, 'Key') });
    const template = Template.fromStack(stack);
    const tables = Object.values(template.findResources('AWS::DynamoDB::Table'));
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      expect(table).toMatchObject({
        Properties: { SSESpecification: { SSEType: 'KMS', KMSMasterKeyId: expect.anything() } },
      });
    }
    template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() });
    for (const fn of ['CreateUser', 'GetArticle', 'GetArticlesFeed']) {
      expect(actionsOf(statementsOf(template, fn))).toContain('kms:Decrypt');
    }
  });

  test('puts the keys of both tables on each BatchGetItem of an endpoint that may read both in one call', () => {
    const batches = statementsOf(plain.template, 'GetArticle').filter(
      (statement) => statement.Action === 'dynamodb:BatchGetItem',
    );
    const keys = batches.map((batch) => batch.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].sort());
    expect(keys).toEqual([
      ['ARTICLE#*', 'AUTHOR#*', 'FAVORITES#*', 'FOLLOWS#*', 'JWKS', 'SLUG#*', 'USER#*'],
      ['ARTICLE#*', 'AUTHOR#*', 'FAVORITES#*', 'FOLLOWS#*', 'JWKS', 'SLUG#*', 'USER#*'],
    ]);
    expect(new Set(batches.map((batch) => JSON.stringify(batch.Resource))).size).toBe(2);
    for (const { Condition: condition } of batches) {
      expect(condition).toMatchObject({ Null: { 'dynamodb:LeadingKeys': 'false' } });
    }
  });

  test('lets functions that tell of changes put no tombstone, which lies beside what they put', () => {
    const putters = Object.keys(plain.api.functions).flatMap((fn) =>
      statementsOf(plain.template, fn)
        .filter(({ Action: action }) => action === 'dynamodb:PutItem')
        .filter(({ Condition: on }) => on?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].includes('RECENT#*'))
        .map(({ Condition: on }) => [fn, on?.['ForAllValues:StringEquals']?.['dynamodb:Attributes'], on?.Null]),
    );
    const bounds = [
      ['PK', 'SK', 'entityType', 'expiresAt'],
      { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
    ];
    const tellers = [
      'CreateArticleFavorite',
      'DeleteArticleFavorite',
      'FollowUserByUsername',
      'UnfollowUserByUsername',
      'UpdateArticle',
      'UpdateCurrentUser',
    ];
    expect(putters.sort()).toEqual(
      [
        ['DeleteArticle', undefined, { 'dynamodb:LeadingKeys': 'false' }],
        ...tellers.map((fn) => [fn, ...bounds]),
      ].sort(),
    );
  });

  test('lets functions write counts alone, or articles alone, where both are listed', () => {
    const functions = [...Object.keys(plain.api.functions), 'CleanUpFunction'];
    const writers = functions.flatMap((fn) =>
      statementsOf(plain.template, fn)
        .filter(({ Action: action }) => !['dynamodb:Query', 'dynamodb:BatchGetItem'].includes(String(action)))
        .filter(({ Condition: on }) =>
          on?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']?.includes('TIMELINE#*'),
        )
        .map(({ Action: action, Condition: on }) => [
          fn,
          action,
          on?.['ForAllValues:StringEquals']?.['dynamodb:Attributes'],
        ]),
    );
    const count = ['PK', 'SK', 'entityType', 'articlesCount'];
    expect(writers.sort()).toEqual([
      ['CleanUpFunction', 'dynamodb:DeleteItem', undefined],
      ['CreateArticle', 'dynamodb:PutItem', ['PK', 'SK', 'entityType', 'authorId', 'tagList', 'bodyLength']],
      ['CreateArticle', 'dynamodb:UpdateItem', count],
      ['DeleteArticle', 'dynamodb:UpdateItem', count],
    ]);
  });

  test('lets the clean-up reach what it reads and writes, and nothing else', () => {
    const rights = statementsOf(plain.template, 'CleanUpFunction').flatMap(({ Action, Condition }) =>
      [Action]
        .flat()
        .filter((action) => action.startsWith('dynamodb:'))
        .map((action) => [
          action.slice('dynamodb:'.length),
          Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].sort(),
        ]),
    );
    expect(Object.fromEntries(rights)).toEqual({
      BatchGetItem: ['AUTHOR#*', 'TAGS#*'],
      BatchWriteItem: ['ARTICLE#*', 'ARTICLE_TAG#*', 'AUTHOR_TAG#*', 'COMMENTS#*', 'FAVORITED_BY#*', 'FAVORITES#*'],
      DeleteItem: ['TAGS#*', 'TIMELINE#*'],
      Query: ['COMMENTS#*', 'FAVORITED_BY#*'],
    });
  });

  test('lets the clean-up delete, and put no more than keys', () => {
    const batches = statementsOf(plain.template, 'CleanUpFunction')
      .filter(({ Action: action }) => action === 'dynamodb:BatchWriteItem')
      .map(({ Condition: on }) => [on?.['ForAllValues:StringEquals'], on?.Null]);
    expect(batches).toEqual([
      [{ 'dynamodb:Attributes': ['PK', 'SK', 'entityType'] }, { 'dynamodb:LeadingKeys': 'false' }],
    ]);
  });

  test('verifies tokens for routes of the user by one function with the rights that takes', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const api = new RealWorldApi(stack, 'Api');
    const mine = new lambda.Function(stack, 'Mine', {
      code: lambda.Code.fromInline('exports.handler = async () => ({ statusCode: 200 })'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
    });
    const integration = new HttpLambdaIntegration('Mine', mine);
    for (const path of ['/mine', '/mine/too']) {
      api.httpApi.addRoutes({ path, integration, authorizer: api.authorizer() });
    }
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: ['$request.header.Authorization'],
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'ANY /mine', AuthorizationType: 'CUSTOM' });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Verifies tokens for routes besides those of the API',
      Environment: {
        Variables: {
          TABLE_NAME: stack.resolve(api.table.tableName) as unknown,
          ACCOUNTS_TABLE_NAME: stack.resolve(api.accountsTable.tableName) as unknown,
        },
      },
    });
    const statements = statementsOf(template, 'TokenAuthorizerFunction').filter(
      ({ Action: action }) => !JSON.stringify(action).includes('logs:'),
    );
    expect(statements).toMatchObject(
      [api.table.tableArn, api.accountsTable.tableArn].map((arn) => ({
        Action: 'dynamodb:BatchGetItem',
        Resource: stack.resolve(arn) as unknown,
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': expect.arrayContaining(['USER#*', 'JWKS']) },
        },
      })),
    );
  });
});
