import { GraphQLResolveInfo } from 'graphql';
import { isObject } from '../../assembly';
import { BadTemplateRequest, DataSource, DataSourceAnswer, TEMPLATE_VERSION } from '../data-sources/data-source';
import {
  Node,
  RaisedError,
  RenderedTemplate,
  renderTemplate,
  TemplateContext,
  templateValue,
  TemplateError,
  VtlError,
  VtlMap,
} from '../vtl';
import { infoOf, pathOf, RequestRun } from './request';

/** A function of a pipeline, or a resolver that is one. */
export interface PipelineStep {
  /** For messages: `function Decide`, `resolver Query.post`. */
  readonly name: string;
  readonly dataSource: DataSource;
  readonly request: readonly Node[];
  readonly response: readonly Node[];
}

/** What resolves a field. */
export type FieldResolver =
  | { readonly kind: 'unit'; readonly step: PipelineStep }
  | {
      readonly kind: 'pipeline';
      readonly name: string;
      readonly before: readonly Node[];
      readonly steps: readonly PipelineStep[];
      readonly after: readonly Node[];
    };

/** Ends the resolution of a field: what the client is told of it. */
export class FieldError extends Error {
  public constructor(public readonly raised: RaisedError) {
    super(raised.message);
  }
}

/** Ends a pipeline by `#return` outside of its functions. */
class EarlyReturn extends Error {
  public constructor(public readonly value: unknown) {
    super('#return');
  }
}

/** What the run asks beside the request. */
export interface ResolverOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What went wrong in a template, for who wrote it. */
  log(line: string): void;
}

/** Resolves one field by its templates. */
export class FieldRun {
  private stash: VtlMap | undefined;
  private readonly outErrors: RaisedError[] = [];
  private readonly base: Omit<TemplateContext, 'stash'>;

  public constructor(
    private readonly run: RequestRun,
    private readonly options: ResolverOptions,
    private readonly info: GraphQLResolveInfo,
    source: unknown,
    args: Readonly<Record<string, unknown>>,
  ) {
    const { caller, headers } = run;
    this.base = {
      arguments: args,
      identity: caller.identity,
      source: source ?? null,
      info: infoOf(info),
      request: { headers, domainName: null },
    };
  }

  /** @throws FieldError */
  public async resolve(resolver: FieldResolver): Promise<unknown> {
    this.run.resolvers += 1;
    try {
      if (resolver.kind === 'unit') return await this.step(resolver.step, undefined);
      const { before, steps, after, name } = resolver;
      let result = this.outside(before, {}, `${name}: request template`);
      for (const step of steps) result = await this.step(step, { result });
      return this.outside(after, { result, prev: { result } }, `${name}: response template`);
    } catch (error) {
      if (error instanceof EarlyReturn) return error.value;
      throw error;
    }
  }

  /** A template before or after the functions: `#return` in it ends the resolver. */
  private outside(template: readonly Node[], context: TemplateContext, where: string): unknown {
    const rendered = this.render(template, context, where);
    if (rendered.returned !== undefined) throw new EarlyReturn(rendered.returned.value);
    return this.value(rendered, where);
  }

  private async step(step: PipelineStep, prev: { readonly result: unknown } | undefined): Promise<unknown> {
    const where = `${step.name}: request template`;
    const rendered = this.render(step.request, { prev }, where);
    if (rendered.returned !== undefined) return rendered.returned.value;
    const { result, error } = await this.call(step, this.value(rendered, where), where);
    const after = `${step.name}: response template`;
    return this.value(this.render(step.response, { prev, result, error: error ?? null }, after), after);
  }

  private async call(step: PipelineStep, request: unknown, where: string): Promise<DataSourceAnswer> {
    if (!isObject(request)) return this.fail(`${where} has to give an object`);
    if (request.version !== TEMPLATE_VERSION) {
      return this.fail(`${where}: version ${String(request.version)} is not supported here, only ${TEMPLATE_VERSION}`);
    }
    if (this.run.ended) throw new FieldError(notAnswered());
    try {
      return await step.dataSource.call(request, this.run.id);
    } catch (error) {
      if (error instanceof BadTemplateRequest) return this.fail(`${where}: ${error.message}`);
      throw error;
    }
  }

  private render(template: readonly Node[], context: TemplateContext, where: string): RenderedTemplate {
    const { outErrors, options, run, info } = this;
    try {
      const rendered = renderTemplate(
        template,
        { ...this.base, ...context, stash: this.stash },
        { now: options.now, outErrors, authType: authTypeOf(run) },
      );
      this.stash = rendered.stash;
      for (const raised of rendered.appended) {
        outErrors.push(raised);
        run.appended.push({ raised, path: pathOf(info), info });
      }
      return rendered;
    } catch (error) {
      if (error instanceof TemplateError) throw new FieldError(error.raised);
      if (error instanceof VtlError) return this.fail(`${where}: ${error.message}`);
      throw error;
    }
  }

  private value(rendered: RenderedTemplate, where: string): unknown {
    try {
      return templateValue(rendered);
    } catch (error) {
      if (error instanceof VtlError) return this.fail(`${where}: ${error.message}`);
      throw error;
    }
  }

  /** A template that is wrong: `MappingTemplate`, in AppSync's words for it. */
  private fail(message: string): never {
    this.options.log(message);
    throw new FieldError({ message, errorType: 'MappingTemplate', data: null, errorInfo: null });
  }
}

/** As `$util.authType()` says it. */
function authTypeOf({ caller }: RequestRun): string {
  return caller.mode === 'AWS_IAM' ? 'IAM Authorization' : 'User Pool Authorization';
}

/** Nobody waits for the answer any more. */
export function notAnswered(): RaisedError {
  return { message: 'Execution timed out.', errorType: 'ExecutionTimeout', data: null, errorInfo: null };
}
