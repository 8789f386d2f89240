import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  HttpUserPoolAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { BundledFunction } from '../core/bundled-function';
import { checkSeconds, failure } from '../core/checks';
import { FunctionOptions } from '../core/function-options';

/** How a Lambda function decides who may call. */
export interface LambdaServiceAuthorizerOptions {
  /**
   * Headers and the like of a request that it decides by; without any of them the gateway answers 401 and asks it not.
   *
   * @default ['$request.header.Authorization']
   */
  readonly identitySource?: string[];
  /** Whether it answers `{isAuthorized, context}`, or with an IAM policy. @default HttpLambdaResponseType.SIMPLE */
  readonly responseType?: HttpLambdaResponseType;
  /**
   * How long an answer holds for the same identity (0 to 3,600 seconds), for every route of the service: who decides by
   * the route as well adds `$context.routeKey` to `identitySource`.
   *
   * @default - 0: it is asked each time
   */
  readonly resultsCacheTtl?: Duration;
}

/** Which tokens of an issuer are good. */
export interface JwtServiceAuthorizerOptions {
  /** `iss` of good tokens, an https address below which `/.well-known/openid-configuration` is. */
  readonly issuer: string;
  /** Of `aud`, or else `client_id`, one must be named here. */
  readonly audience: string[];
  /** Scopes of which a token must have one. @default - none is asked for */
  readonly scopes?: string[];
}

/** Which tokens of a user pool are good. */
export interface CognitoServiceAuthorizerOptions {
  /** The clients whose tokens are good. */
  readonly userPoolClients: cognito.IUserPoolClient[];
  /** Scopes of which an access token must have one; an ID token has none. @default - none is asked for */
  readonly scopes?: string[];
}

/** How API keys are sent, and how long it takes until a change of them holds. */
export interface ApiKeyServiceAuthorizerOptions {
  /** Header in which a key is sent. @default x-api-key */
  readonly headerName?: string;
  /** How long a function keeps the secret before it asks again (0 to 3,600 seconds). @default Duration.minutes(5) */
  readonly secretCacheTtl?: Duration;
  /** How long the gateway keeps an answer for a key (0 to 3,600 seconds). @default Duration.minutes(1) */
  readonly resultsCacheTtl?: Duration;
}

/**
 * What a service makes of its authorizer.
 *
 * @internal
 */
export interface BoundAuthorizer {
  /** Nothing where everybody may call. */
  readonly authorizer?: apigatewayv2.IHttpRouteAuthorizer;
  readonly scopes?: string[];
  /** Header of credentials that pages must be let send. */
  readonly header?: string;
  /** Its schemes in the API documents, by name. */
  readonly schemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Why cdk-nag need not ask for an authorizer. */
  readonly open?: string;
}

const HEADER = /^[a-z0-9-]+$/i;
const HOUR = { min: 0, max: 3600 };
const BEARER = { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } };

/**
 * Who may call the endpoints of a service. An HTTP API refuses by itself: 401 `{"message":"Unauthorized"}` where
 * credentials are missing or not good, 403 `{"message":"Forbidden"}` where they do not suffice.
 */
export abstract class ServiceAuthorizer {
  /** Everybody, on purpose. */
  public static open(): ServiceAuthorizer {
    return new BindingAuthorizer(() => ({ schemes: {}, open: 'This service is open to everybody on purpose' }));
  }

  /** Whom a Lambda function lets in. */
  public static lambda(handler: lambda.IFunction, options?: LambdaServiceAuthorizerOptions): ServiceAuthorizer {
    return new BindingAuthorizer((scope) => byFunction(scope, handler, options));
  }

  /**
   * Whom an existing Lambda function lets in. One of this account is told to let the API call it; one of another account
   * must do so already.
   */
  public static lambdaArn(functionArn: string, options?: LambdaServiceAuthorizerOptions): ServiceAuthorizer {
    return new BindingAuthorizer((scope) => byFunction(scope, imported(scope, functionArn), options));
  }

  /** Who has a JWT of an issuer, in the header `Authorization: Bearer <token>`. */
  public static jwt(options: JwtServiceAuthorizerOptions): ServiceAuthorizer {
    return new BindingAuthorizer((scope) => {
      if (options.audience.length === 0) {
        throw failure('audience must name one at least: tokens for others would be good, got none', scope);
      }
      if (!Token.isUnresolved(options.issuer) && !options.issuer.startsWith('https://')) {
        throw failure(`issuer must be an https address, got: ${options.issuer}`, scope);
      }
      return {
        authorizer: new HttpJwtAuthorizer('JwtAuthorizer', options.issuer, { jwtAudience: options.audience }),
        scopes: options.scopes,
        schemes: BEARER,
      };
    });
  }

  /** Who signs requests with AWS credentials (Signature Version 4) that allow `execute-api:Invoke`. */
  public static iam(): ServiceAuthorizer {
    return new BindingAuthorizer(() => ({
      authorizer: new HttpIamAuthorizer(),
      // As API Gateway itself writes it into a document that it exports.
      schemes: {
        sigv4: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
      },
    }));
  }

  /** Who has signed in to a Cognito user pool: an ID or access token in the header `Authorization: Bearer <token>`. */
  public static cognito(userPool: cognito.IUserPool, options: CognitoServiceAuthorizerOptions): ServiceAuthorizer {
    return new BindingAuthorizer((scope) => {
      if (options.userPoolClients.length === 0) {
        throw failure('userPoolClients must name one at least, got none', scope);
      }
      return {
        authorizer: new HttpUserPoolAuthorizer('UserPoolAuthorizer', userPool, {
          userPoolClients: options.userPoolClients,
        }),
        scopes: options.scopes,
        schemes: BEARER,
      };
    });
  }

  /**
   * Who has one of the keys in a secret: JSON of keys by their names, `{"partner": "<key>"}`. A key that is taken out is
   * refused once both caches have forgotten it.
   */
  public static apiKeys(secret: secretsmanager.ISecret, options?: ApiKeyServiceAuthorizerOptions): ServiceAuthorizer {
    return new BindingAuthorizer((scope, functions) => byApiKey(scope, functions, secret, options));
  }

  /** @internal */
  public abstract _bind(scope: Construct, functions: FunctionOptions): BoundAuthorizer;
}

/** One of the kinds above. */
class BindingAuthorizer extends ServiceAuthorizer {
  public constructor(private readonly bindTo: (scope: Construct, functions: FunctionOptions) => BoundAuthorizer) {
    super();
  }

  /** @internal */
  public override _bind(scope: Construct, functions: FunctionOptions): BoundAuthorizer {
    return this.bindTo(scope, functions);
  }
}

/**
 * A function of which there is an ARN: of this account as far as can be known, unless it says otherwise. API Gateway calls
 * a function of its own region alone.
 */
function imported(scope: Construct, functionArn: string): lambda.IFunction {
  const { account, region } = Stack.of(scope);
  const [, , , ofRegion, ofAccount] = Token.isUnresolved(functionArn) ? [] : functionArn.split(':');
  if (
    !Token.isUnresolved(functionArn) &&
    !/^arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:]+(:[^:]+)?$/.test(functionArn)
  ) {
    throw failure(`functionArn must be the ARN of a Lambda function, got: ${functionArn}`, scope);
  }
  if (ofRegion !== undefined && !Token.isUnresolved(region) && ofRegion !== region) {
    throw failure(`functionArn must be of the region of its API, ${region}, got: ${ofRegion}`, scope);
  }
  return lambda.Function.fromFunctionAttributes(scope, 'AuthorizerFunction', {
    functionArn,
    sameEnvironment: ofAccount === undefined || Token.isUnresolved(account) || ofAccount === account,
  });
}

function byFunction(
  scope: Construct,
  handler: lambda.IFunction,
  options: LambdaServiceAuthorizerOptions = {},
): BoundAuthorizer {
  checkSeconds('resultsCacheTtl', options.resultsCacheTtl, HOUR, scope);
  const identitySource = options.identitySource ?? ['$request.header.Authorization'];
  const [, header] = /^\$request\.header\.([\w-]+)$/.exec(identitySource[0] ?? '') ?? [];
  if (identitySource.length === 0 && (options.resultsCacheTtl?.toSeconds() ?? 0) > 0) {
    throw failure('resultsCacheTtl needs identitySource: an answer for one would hold for all, got none', scope);
  }
  return {
    authorizer: new HttpLambdaAuthorizer('LambdaAuthorizer', handler, {
      identitySource,
      responseTypes: [options.responseType ?? HttpLambdaResponseType.SIMPLE],
      resultsCacheTtl: options.resultsCacheTtl ?? Duration.seconds(0),
    }),
    header: header?.toLowerCase(),
    schemes: header ? { lambda: { type: 'apiKey', name: header, in: 'header' } } : {},
  };
}

function byApiKey(
  scope: Construct,
  functions: FunctionOptions,
  secret: secretsmanager.ISecret,
  options: ApiKeyServiceAuthorizerOptions = {},
): BoundAuthorizer {
  const header = (options.headerName ?? 'x-api-key').toLowerCase();
  if (!HEADER.test(header)) {
    throw failure(`headerName must be of letters, digits and hyphens, got: ${header}`, scope);
  }
  const secretCacheTtl = options.secretCacheTtl ?? Duration.minutes(5);
  checkSeconds('secretCacheTtl', secretCacheTtl, HOUR, scope);
  checkSeconds('resultsCacheTtl', options.resultsCacheTtl, HOUR, scope);
  const handler = new BundledFunction(scope, 'ApiKeyAuthorizer', {
    ...functions,
    code: 'http-service/api-key-authorizer',
    description: 'Lets in who has one of the keys of a secret',
    ownEnvironment: {
      API_KEYS_SECRET_ID: secret.secretArn,
      API_KEYS_HEADER: header,
      API_KEYS_CACHE_SECONDS: String(secretCacheTtl.toSeconds()),
    },
  });
  secret.grantRead(handler);
  return {
    authorizer: new HttpLambdaAuthorizer('KeysAuthorizer', handler, {
      identitySource: [`$request.header.${header}`],
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      resultsCacheTtl: options.resultsCacheTtl ?? Duration.minutes(1),
    }),
    header,
    schemes: { apiKey: { type: 'apiKey', name: header, in: 'header' } },
  };
}
