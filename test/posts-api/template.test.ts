import { onlyOne, resourcesOf, statementsOf, synthesize } from './synthesized';
import { POSTS_ENDPOINTS, type PostsEndpoint } from '../../src/posts-api/contract';

const { api, stack, template } = synthesize();
const ENDPOINTS = Object.entries<PostsEndpoint>(POSTS_ENDPOINTS);

interface Method {
  readonly HttpMethod: string;
  readonly OperationName?: string;
  readonly AuthorizationType: string;
  readonly AuthorizerId?: unknown;
}
const methods = Object.values(resourcesOf(template, 'AWS::ApiGateway::Method')).map(
  ({ Properties }) => Properties as unknown as Method,
);

test('alone it is a whole back end below 400 resources', () => {
  expect(Object.keys(template.toJSON().Resources as object).length).toBeLessThan(400);
  template.resourceCountIs('AWS::ApiGateway::RestApi', 1);
  template.resourceCountIs('AWS::Cognito::UserPool', 1);
  template.resourceCountIs('AWS::DynamoDB::Table', 2);
});

describe('methods', () => {
  test('there is one for every endpoint of the contract, and none besides that does something', () => {
    const operations = methods.flatMap(({ OperationName, HttpMethod }) =>
      OperationName === undefined ? [] : [`${HttpMethod} ${OperationName}`],
    );
    expect(operations.sort()).toEqual(ENDPOINTS.map(([id, { method }]) => `${method} ${id}`).sort());
  });

  test('each asks the one authorizer; only preflights, documents and unknown routes do not', () => {
    const open = methods.filter(({ AuthorizationType }) => AuthorizationType !== 'CUSTOM');
    expect(open.filter(({ OperationName }) => OperationName !== undefined)).toEqual([]);
    expect([...new Set(open.map(({ HttpMethod }) => HttpMethod))].sort()).toEqual(['ANY', 'GET', 'OPTIONS']);
    expect(open.filter(({ HttpMethod }) => HttpMethod === 'GET')).toHaveLength(2);
  });

  test('the authorizer is asked for every request, and not where there is no Authorization header', () => {
    expect(onlyOne(template, 'AWS::ApiGateway::Authorizer')).toMatchObject({
      Type: 'REQUEST',
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: 'method.request.header.Authorization',
    });
  });

  test('the version is in the path', () => {
    const parts = Object.values(resourcesOf(template, 'AWS::ApiGateway::Resource')).map(
      ({ Properties }) => Properties.PathPart,
    );
    expect(parts).toEqual(expect.arrayContaining(['v1', 'me', 'posts', '{postId}', 'allowed-users', 'rotate']));
    const address = (url: string) => JSON.stringify(stack.resolve(url)).replace(/\{"Ref":"\w*Stage\w*"\}/, '"STAGE"');
    expect(address(api.url)).toContain('"STAGE","/v1"');
    expect(address(api.docsUrl)).toContain('"STAGE","/docs"');
  });
});

describe('rights', () => {
  /** What a role may do with items: action to patterns of keys. */
  const itemRights = (fn: string) =>
    statementsOf(template, fn)
      .filter(({ Action }) => String(Action).startsWith('dynamodb:'))
      .map(({ Action, Condition }) => [
        String(Action),
        Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'],
      ]);

  test.each(ENDPOINTS)('%s may do what its facts say, on those items alone', (id, { social = {}, accounts = {} }) => {
    const actions = [...Object.keys(social), ...Object.keys(accounts)].map((action) => `dynamodb:${action}`);
    expect(itemRights(id).map(([action]) => action)).toEqual(actions);
    for (const [, patterns] of itemRights(id)) {
      expect(patterns).toEqual(expect.arrayContaining([expect.stringMatching(/^[A-Z_]+#\*$/)]));
    }
  });

  test('only functions that work with the user pool may, by its ARN', () => {
    const ofCognito = Object.keys(api.functions).flatMap((fn) =>
      statementsOf(template, fn)
        .filter(({ Action }) => JSON.stringify(Action).includes('cognito-idp:'))
        .map(({ Action, Resource }) => [fn, Action, JSON.stringify(Resource)]),
    );
    const arn = JSON.stringify({ 'Fn::GetAtt': [expect.any(String), 'Arn'] }).replace(/\{.*/, '');
    expect(ofCognito.map(([fn, action]) => [fn, action])).toEqual([
      ['GetMe', 'cognito-idp:AdminGetUser'],
      ['UpdateMe', 'cognito-idp:AdminGetUser'],
      ['DeleteMe', ['cognito-idp:AdminGetUser', 'cognito-idp:AdminDeleteUser']],
    ]);
    expect(ofCognito.every(([, , resource]) => String(resource).includes('ApiUserPool') && arn === '')).toBe(true);
  });

  test('no function has a wildcard in its resources but for traces', () => {
    const wild = Object.keys(api.functions).filter((fn) =>
      statementsOf(template, fn).some(({ Resource }) => JSON.stringify(Resource).includes('*')),
    );
    expect(wild).toEqual([]);
  });
});

describe('state', () => {
  test('is retained and protected: tables and user pool', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::Cognito::UserPool']) {
      for (const resource of Object.values(resourcesOf(template, type))) {
        expect(resource.DeletionPolicy).toBe('Retain');
      }
    }
    expect(onlyOne(template, 'AWS::Cognito::UserPool').DeletionProtection).toBe('ACTIVE');
  });

  test('access tokens are in a table without a stream', () => {
    const [[, accounts]] = Object.entries(resourcesOf(template, 'AWS::DynamoDB::Table')).filter(([id]) =>
      id.includes('Accounts'),
    );
    expect(accounts.Properties).not.toHaveProperty('StreamSpecification');
  });
});

describe('sign-in', () => {
  test('is by e-mail, with self sign-up, a verified address and passwords of 8 characters of all classes', () => {
    expect(onlyOne(template, 'AWS::Cognito::UserPool')).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
      MfaConfiguration: 'OPTIONAL',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      Policies: {
        PasswordPolicy: {
          MinimumLength: 8,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          RequireUppercase: true,
        },
      },
    });
  });

  test('is by SRP, by a client without a secret', () => {
    expect(onlyOne(template, 'AWS::Cognito::UserPoolClient')).toMatchObject({
      GenerateSecret: false,
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    });
  });

  test('a confirmed sign-up makes a profile: the pool may call that function, and it may write a profile alone', () => {
    const { LambdaConfig } = onlyOne(template, 'AWS::Cognito::UserPool') as { LambdaConfig: Record<string, unknown> };
    expect(Object.keys(LambdaConfig)).toEqual(['PostConfirmation']);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'cognito-idp.amazonaws.com',
      FunctionName: LambdaConfig.PostConfirmation,
    });
    const actions = statementsOf(template, 'PostConfirmation').map(({ Action }) => Action);
    expect(actions).toContain('dynamodb:PutItem');
    expect(actions.filter((action) => String(action).startsWith('dynamodb:'))).toHaveLength(1);
  });
});
