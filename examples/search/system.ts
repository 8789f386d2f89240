import * as path from 'node:path';
import { type App, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DocumentedHttpApi, SearchIndexPipeline, SearchIngestion, SearchSource } from 'cdk-social-backend';
import type { Construct } from 'constructs';
import { BOOKS_ENDPOINTS } from './contract';

/** Built by `npm start` and by the tests from the folder `lambda` beside this file. */
const ASSETS = path.join(__dirname, 'assets');

/** A table that has nothing of this library, and an index of what is in it. */
class BooksStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const table = new dynamodb.Table(this, 'Books', {
      partitionKey: { name: 'isbn', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const search = new SearchIndexPipeline(this, 'Search', {
      alias: 'books',
      // Costs next to nothing while nothing happens; the default, zero-ETL, about 175 USD a month: CDK_CONTEXT_JSON
      // '{"zeroEtl":true}' makes it of that.
      ingestion: this.node.tryGetContext('zeroEtl') === true ? SearchIngestion.zeroEtl() : SearchIngestion.lambda(),
      source: SearchSource.table({
        table,
        idAttributes: ['isbn'],
        versionAttribute: 'version',
        fields: ['isbn', 'title', 'author', 'subjects', 'year'],
        indexBody: {
          mappings: {
            dynamic: 'strict',
            properties: {
              isbn: { type: 'keyword' },
              title: { type: 'text' },
              author: { type: 'text' },
              subjects: { type: 'keyword' },
              year: { type: 'long' },
            },
          },
        },
      }),
    });

    const functions: Record<keyof typeof BOOKS_ENDPOINTS, lambda.Function> = {
      PutBook: this.makeFunction('PutBook', { TABLE_NAME: table.tableName }),
      DeleteBook: this.makeFunction('DeleteBook', { TABLE_NAME: table.tableName }),
      SearchBooks: this.makeFunction('SearchBooks', {
        SEARCH_ENDPOINT: search.endpoint,
        SEARCH_SERVICE: search.signingService,
        SEARCH_ALIAS: search.alias,
      }),
    };
    table.grant(functions.PutBook, 'dynamodb:PutItem');
    table.grant(functions.DeleteBook, 'dynamodb:DeleteItem');
    search.grantSearch(functions.SearchBooks);
    const api = new DocumentedHttpApi(this, 'Api', {
      endpoints: Object.entries(BOOKS_ENDPOINTS).map(([name, { method, path: route }]) => ({
        id: name,
        method,
        path: route,
        handler: functions[name as keyof typeof BOOKS_ENDPOINTS],
      })),
      docs: this.makeFunction('Docs', {}),
      fallback: this.makeFunction('NotFound', {}),
    });
    new CfnOutput(this, 'Url', { value: api.url });
  }

  /** A function of this example. */
  private makeFunction(name: string, environment: Record<string, string>): lambda.Function {
    return new lambda.Function(this, name, {
      code: lambda.Code.fromAsset(path.join(ASSETS, 'search', name.replace(/\B[A-Z]/g, '-$&').toLowerCase())),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      timeout: Duration.seconds(10),
      environment,
    });
  }
}

/** The catalogue in one stack. */
export function bookSearch(app: App): Stack {
  return new BooksStack(app, 'BookSearch', { description: 'A catalogue of books, and an index to search it' });
}
