import { Stack } from 'aws-cdk-lib';
import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { grantOnKeys } from '../core/table-grants';

/** AppSync's version of the templates' context and errors, and of pipelines. */
const FUNCTION_VERSION = '2018-05-29';

/** A request template, and one for its answer. */
export interface Templates {
  readonly request: string;
  readonly response: string;
}

/** Actions on items, each with the patterns of partition keys that it is for. */
export type TableRights = Readonly<Record<string, readonly string[]>>;

/** `byOwner` to `ByOwner`, as parts of names that only letters, digits and `_` are allowed in. */
const capital = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replace(/\W/g, '_');

/**
 * Data sources, functions and resolvers of one API. Their construct ids begin with that of the API.
 *
 * @internal
 */
export class Resolvers {
  public constructor(
    private readonly scope: Construct,
    private readonly id: string,
    private readonly api: appsync.GraphqlApi,
  ) {}

  /** A table, with these rights and no others. */
  public addTable(name: string, table: dynamodb.ITable, rights: TableRights): appsync.CfnDataSource {
    const role = this.role(name);
    Object.entries(rights).forEach(([action, patterns]) => grantOnKeys(table, role, [`dynamodb:${action}`], patterns));
    return this.dataSource(name, {
      type: 'AMAZON_DYNAMODB',
      dynamoDbConfig: { tableName: table.tableName, awsRegion: Stack.of(this.scope).region },
      serviceRoleArn: role.roleArn,
    });
  }

  /** A function: this one, and none of its versions. */
  public addFunction(name: string, fn: lambda.IFunction): appsync.CfnDataSource {
    const role = this.role(name);
    iam.Grant.addToPrincipal({
      grantee: role,
      actions: ['lambda:InvokeFunction'],
      resourceArns: [fn.functionArn],
    });
    return this.dataSource(name, {
      type: 'AWS_LAMBDA',
      lambdaConfig: { lambdaFunctionArn: fn.functionArn },
      serviceRoleArn: role.roleArn,
    });
  }

  /** Nothing: what templates alone answer. */
  public addNone(name: string): appsync.CfnDataSource {
    return this.dataSource(name, { type: 'NONE' });
  }

  /** A field that one data source answers. */
  public addResolver(type: string, field: string, source: appsync.CfnDataSource, templates: Templates): void {
    const resolver = this.resolver(type, field, {
      kind: 'UNIT',
      dataSourceName: source.name,
      requestMappingTemplate: templates.request,
      responseMappingTemplate: templates.response,
    });
    resolver.node.addDependency(source);
  }

  /** A step of pipelines. */
  public addStep(name: string, source: appsync.CfnDataSource, templates: Templates): appsync.CfnFunctionConfiguration {
    const step = new appsync.CfnFunctionConfiguration(this.scope, `${this.id}${name}Step`, {
      apiId: this.api.apiId,
      name,
      dataSourceName: source.name,
      functionVersion: FUNCTION_VERSION,
      requestMappingTemplate: templates.request,
      responseMappingTemplate: templates.response,
    });
    step.node.addDependency(source);
    return step;
  }

  /** A field that several steps answer, one after another. */
  public addPipeline(
    type: string,
    field: string,
    steps: readonly appsync.CfnFunctionConfiguration[],
    templates: Templates,
  ): void {
    this.resolver(type, field, {
      kind: 'PIPELINE',
      pipelineConfig: { functions: steps.map(({ attrFunctionId }) => attrFunctionId) },
      requestMappingTemplate: templates.request,
      responseMappingTemplate: templates.response,
    });
  }

  private resolver(
    typeName: string,
    fieldName: string,
    props: Omit<appsync.CfnResolverProps, 'apiId' | 'typeName' | 'fieldName'>,
  ): appsync.CfnResolver {
    const resolver = new appsync.CfnResolver(this.scope, `${this.id}${typeName}${capital(fieldName)}`, {
      ...props,
      apiId: this.api.apiId,
      typeName,
      fieldName,
    });
    this.api.addSchemaDependency(resolver);
    return resolver;
  }

  private role(name: string): iam.Role {
    return new iam.Role(this.scope, `${this.id}${name}Role`, {
      assumedBy: new iam.ServicePrincipal('appsync.amazonaws.com'),
    });
  }

  private dataSource(name: string, props: Omit<appsync.CfnDataSourceProps, 'apiId' | 'name'>): appsync.CfnDataSource {
    return new appsync.CfnDataSource(this.scope, `${this.id}${name}`, { ...props, apiId: this.api.apiId, name });
  }
}

/** The name of a step for something of a user's. @internal */
export const stepName = (verb: string, name: string): string => `${verb}${capital(name)}`;
