import { Functions } from '../types';
import { GatewayResponses } from './gateway-responses';
import { RestApi, RestDeployment, RestMethod } from './rest-api';
import { RestResource, Routes } from './routes';
import { Models, RequestParameter } from './validation';

/** A method as the template has it: what it refers to is looked up when it is deployed. */
export interface MethodSettings extends Omit<RestMethod, 'validation'> {
  readonly validatorId?: string;
  readonly required: readonly RequestParameter[];
  /** Model names by content type. */
  readonly models: Readonly<Record<string, string>>;
}

/** A REST API while its template is deployed. Resources and methods take effect by a deployment, as in AWS. */
export class DeployedApi {
  public readonly rootId: string;
  public readonly models: Models;
  public readonly gatewayResponses = new GatewayResponses();
  /** By id: what each validates. */
  public readonly validators = new Map<string, { readonly body: boolean; readonly parameters: boolean }>();
  public readonly deployments = new Map<string, RestDeployment>();
  private readonly resources = new Map<string, { parentId?: string; part: string }>();
  private readonly methods = new Map<string, Map<string, MethodSettings>>();

  public constructor(
    public readonly api: RestApi,
    public readonly url: string,
    private readonly functions: Functions,
  ) {
    this.rootId = `r${api.id}`;
    this.models = new Models(api.id);
    this.resources.set(this.rootId, { part: '' });
  }

  /** @returns false where there is no such parent */
  public addResource(id: string, parentId: string, part: string): boolean {
    this.resources.set(id, { parentId, part });
    return this.resources.has(parentId);
  }

  /** @returns why the method cannot be; undefined when it can */
  public addMethod(resourceId: string, httpMethod: string, method: MethodSettings): string | undefined {
    if (!this.resources.has(resourceId)) return `resource ${resourceId} is not part of this API`;
    const { integration } = method;
    if (integration.kind === 'lambda' && !this.functions.has(integration.functionArn)) {
      return `function ${integration.functionArn} is not part of this app`;
    }
    const ofResource = this.methods.get(resourceId) ?? new Map<string, MethodSettings>();
    this.methods.set(resourceId, ofResource.set(httpMethod, method));
    return undefined;
  }

  /**
   * Takes what is there now.
   *
   * @returns why it cannot be deployed; undefined when it was
   */
  public deploy(id: string): string | undefined {
    if (this.methods.size === 0) return 'the REST API has no methods';
    try {
      const compiled = this.models.compile();
      const resources = [...this.resources].map(([resourceId, resource]): RestResource<RestMethod> => {
        const methods = [...(this.methods.get(resourceId) ?? [])].map(
          ([httpMethod, settings]) => [httpMethod, this.methodOf(settings, compiled)] as const,
        );
        return { id: resourceId, ...resource, methods: new Map(methods) };
      });
      const gatewayResponses = this.gatewayResponses.snapshot();
      this.deployments.set(id, { id, routes: new Routes(resources), gatewayResponses });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private methodOf(settings: MethodSettings, compiled: ReturnType<Models['compile']>): RestMethod {
    const { validatorId, required, models, ...method } = settings;
    const validator = validatorId === undefined ? undefined : this.validators.get(validatorId);
    if (validatorId !== undefined && validator === undefined) {
      throw new Error(`request validator ${validatorId} is not part of this API`);
    }
    const byType = Object.entries(models).map(([type, name]) => {
      const validate = compiled.get(name);
      if (validate === undefined) throw new Error(`model ${name} is not part of this API`);
      return [type.toLowerCase(), validate] as const;
    });
    return {
      ...method,
      validation: {
        required: validator?.parameters ? required : [],
        models: new Map(validator?.body ? byType : []),
      },
    };
  }
}
