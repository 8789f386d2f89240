import * as path from 'node:path';
import { type App, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DocumentedHttpApi, DocumentedRestApi } from 'cdk-social-backend';
import type { Construct } from 'constructs';
import { NOTE_PREFIX, NOTES_ENDPOINTS } from './contract';

/** Built by `npm start` and by the tests from the folder `lambda` beside this file. */
const ASSETS = path.join(__dirname, 'assets');

const RIGHTS = { CreateNote: 'dynamodb:PutItem', GetNote: 'dynamodb:GetItem' } as const;

/** A service of its own on the library's pieces: the same two functions behind an HTTP API and a REST API. */
class NotesStack extends Stack {
  private readonly table: dynamodb.Table;

  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.table = new dynamodb.Table(this, 'Notes', {
      partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const endpoints = Object.entries(NOTES_ENDPOINTS).map(([name, facts]) => ({
      id: name,
      method: facts.method,
      path: facts.path,
      handler: this.makeFunction(name, facts.summary, RIGHTS[name as keyof typeof RIGHTS]),
    }));
    const docs = this.makeFunction('Docs', 'Serves the API documents');
    const fallback = this.makeFunction('NotFound', 'Answers routes that do not exist');
    const http = new DocumentedHttpApi(this, 'HttpApi', { endpoints, docs, fallback });
    const rest = new DocumentedRestApi(this, 'RestApi', { endpoints, docs, fallback });
    new CfnOutput(this, 'HttpUrl', { value: http.url });
    new CfnOutput(this, 'RestUrl', { value: rest.url });
  }

  /** A function of this example, with the one right that it needs. */
  private makeFunction(name: string, description: string, right?: string): lambda.Function {
    const folder = name.replace(/\B[A-Z]/g, '-$&').toLowerCase();
    const fn = new lambda.Function(this, name, {
      description,
      code: lambda.Code.fromAsset(path.join(ASSETS, 'notes-api', folder)),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      environment: right ? { TABLE_NAME: this.table.tableName } : {},
    });
    if (right) {
      this.table.grant(fn, right);
    }
    return fn;
  }
}

/** The notes API in one stack. */
export function notesApi(app: App): Stack {
  return new NotesStack(app, 'NotesApi', { description: `Notes, with keys ${NOTE_PREFIX}<id>` });
}
