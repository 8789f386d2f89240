import { DataSource } from './data-sources/data-source';
import { Executor, ExecutorOptions } from './execution/executor';
import { FieldResolver, PipelineStep } from './execution/resolver';
import { ApiModes } from './schema/authorization';
import { ApiSchema, readSchema } from './schema/schema';

/** What an API is, beside what further resources give it. */
export interface DeployedApiOptions extends Pick<ExecutorOptions, 'now' | 'log' | 'limits' | 'mutated'> {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** `http://localhost:PORT`. */
  readonly url: string;
  readonly modes: ApiModes;
}

/** A function of pipelines, with its template's version checked. */
export interface PipelineFunction {
  readonly id: string;
  readonly step: PipelineStep;
}

/** An API while its template is deployed, and afterwards. */
export class DeployedApi {
  public readonly dataSources = new Map<string, DataSource>();
  public readonly functions = new Map<string, PipelineFunction>();
  /** By `Type.field`. */
  public readonly resolvers = new Map<string, FieldResolver>();
  private schema?: ApiSchema;
  private current?: Executor;

  public constructor(public readonly options: DeployedApiOptions) {}

  /** @throws an Error that says what is wrong with the definition */
  public setSchema(definition: string): void {
    this.schema = readSchema(definition, this.options.modes);
    this.current = undefined;
  }

  /** @returns why there cannot be a resolver; undefined where there can */
  public addResolver(typeName: string, fieldName: string, resolver: FieldResolver): string | undefined {
    const key = `${typeName}.${fieldName}`;
    if (this.schema?.rules.has(key) !== true) return `the schema has no field ${key}`;
    if (this.resolvers.has(key)) return `field ${key} has a resolver already`;
    this.resolvers.set(key, resolver);
    this.current = undefined;
    return undefined;
  }

  /** @throws an Error for an API without a schema */
  public get definition(): ApiSchema {
    if (this.schema === undefined) throw new Error(`API ${this.options.name} has no schema`);
    return this.schema;
  }

  public get executor(): Executor {
    const { resolvers, options } = this;
    this.current ??= new Executor({ ...options, api: this.definition, resolvers });
    return this.current;
  }
}
