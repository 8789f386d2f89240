import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { Evaluator, Scope, stackId } from './evaluate';
import { createInert, isInert } from './inert';
import { expectObject, expectString, isObject, JsonObject } from './json';
import { Assembly, readNestedTemplate } from './manifest';
import { physicalName } from './names';
import { orderResources } from './order';
import { describe } from './properties';
import { Template, TemplateResource } from './template';

/** A resource that is up, with what `Ref` and `Fn::GetAtt` give. */
export interface RunningResource extends DeployedResource, CreatedResource {
  /** Accepted and not run. */
  readonly inert: boolean;
}

/** What a deployment made. */
export interface Deployment {
  readonly resources: readonly RunningResource[];
  /** By stack name, then output key. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a deployment needs beside the assembly. */
export interface DeployOptions {
  readonly region: string;
  readonly accountId: string;
  readonly providers: readonly ResourceProvider[];
  /** Called on every resolved value of a resource or an output; for addresses that are others on this machine. */
  readonly rewrite?: (value: unknown) => unknown;
  /** Stops between two resources. */
  readonly signal?: AbortSignal;
  /** Told of every resource that came up. */
  readonly created?: (resource: RunningResource) => void;
}

const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** Custom resources have a type of their own each; one provider takes them by this name. */
export const CUSTOM_TYPES = 'Custom::*';

/** Creates the resources of an assembly, stack by stack. */
class Deployer {
  public readonly resources: RunningResource[] = [];
  public readonly outputs: Record<string, Record<string, unknown>> = {};
  private readonly exports = new Map<string, unknown>();
  private readonly providers = new Map<string, ResourceProvider>();

  public constructor(
    private readonly assembly: Assembly,
    private readonly options: DeployOptions,
  ) {
    for (const provider of options.providers) {
      for (const type of provider.types) this.providers.set(type, provider);
    }
  }

  public async stack(
    stackName: string,
    template: Template,
    paths: ReadonlyMap<string, string>,
    parameters: JsonObject = {},
  ): Promise<Record<string, unknown>> {
    const created = new Map<string, CreatedResource>();
    const scope = this.scope(stackName, template, created, parameters);
    const evaluator = new Evaluator(scope);
    for (const resource of orderResources(stackName, template.resources)) {
      if (resource.condition !== undefined && !evaluator.condition(resource.condition)) continue;
      this.options.signal?.throwIfAborted();
      const running = await this.resource(stackName, resource, paths.get(resource.logicalId), evaluator);
      created.set(resource.logicalId, running);
      this.resources.push(running);
      this.options.created?.(running);
    }
    return this.evaluateOutputs(stackName, template, evaluator);
  }

  /** Refuses before anything is started what could never run here. */
  public check(template: Template, stackName: string): void {
    for (const resource of template.resources) {
      if (resource.type !== NESTED_STACK && !this.isInert(resource.type)) {
        this.provider(resource.type, stackName, resource.logicalId);
      }
    }
  }

  private scope(
    stackName: string,
    template: Template,
    created: ReadonlyMap<string, CreatedResource>,
    given: JsonObject,
  ): Scope {
    return {
      stackName,
      region: this.options.region,
      accountId: this.options.accountId,
      parameters: readParameters(stackName, template.parameters, given),
      mappings: template.mappings,
      conditions: template.conditions,
      ref: (logicalId) => created.get(logicalId)?.ref,
      attribute: (logicalId, name) => {
        const resource = created.get(logicalId);
        if (resource === undefined) throw new Error(`${stackName}: Fn::GetAtt of ${logicalId}, which is not deployed`);
        const value = resource.attributes[name];
        if (value === undefined) {
          throw new Error(`${stackName}/${logicalId}: attribute ${name} is not supported here`);
        }
        return value;
      },
      exported: (name) => this.exports.get(name),
    };
  }

  private isInert(type: string): boolean {
    return isInert(type) && !this.providers.has(type);
  }

  private provider(type: string, stackName: string, logicalId: string): ResourceProvider {
    const custom = type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
    const provider = this.providers.get(type) ?? (custom ? this.providers.get(CUSTOM_TYPES) : undefined);
    if (provider === undefined) {
      throw new Error(`${stackName}/${logicalId}: resource type ${type} is not supported here`);
    }
    return provider;
  }

  private async resource(
    stackName: string,
    resource: TemplateResource,
    path: string | undefined,
    evaluator: Evaluator,
  ): Promise<RunningResource> {
    const { logicalId, type } = resource;
    const inert = this.isInert(type);
    const resolved = evaluator.evaluate(resource.properties, `${stackName}/${logicalId}`);
    const properties = expectObject(this.options.rewrite?.(resolved) ?? resolved, `${stackName}/${logicalId}`);
    const deployed: DeployedResource = { stackName, logicalId, type, path, properties };
    if (type === NESTED_STACK) return { ...deployed, ...(await this.nested(deployed, resource.metadata)), inert };
    if (inert) {
      return { ...deployed, ...createInert(deployed, this.options.region, this.options.accountId), inert };
    }
    return { ...deployed, ...(await this.provider(type, stackName, logicalId).create(deployed)), inert };
  }

  private async nested(resource: DeployedResource, metadata: JsonObject): Promise<CreatedResource> {
    const url = expectString(resource.properties.TemplateURL, `${describe(resource)}: TemplateURL`);
    const key = url.slice(url.lastIndexOf('/') + 1);
    const file = this.assembly.assets.get(key);
    if (file === undefined) {
      const asset = String(metadata['aws:asset:path'] ?? key);
      throw new Error(`${describe(resource)}: the template ${asset} is no asset of this assembly`);
    }
    const name = physicalName(resource.stackName, resource.logicalId);
    const template = readNestedTemplate(file, name);
    const parameters = isObject(resource.properties.Parameters) ? resource.properties.Parameters : {};
    const outputs = await this.stack(name, template, new Map(), parameters);
    return {
      ref: stackId({ stackName: name, region: this.options.region, accountId: this.options.accountId }),
      attributes: Object.fromEntries(Object.entries(outputs).map(([output, value]) => [`Outputs.${output}`, value])),
    };
  }

  private evaluateOutputs(stackName: string, template: Template, evaluator: Evaluator): Record<string, unknown> {
    const outputs: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(template.outputs)) {
      const path = `${stackName}: output ${key}`;
      const output = expectObject(value, path);
      if (typeof output.Condition === 'string' && !evaluator.condition(output.Condition)) continue;
      const resolved = evaluator.evaluate(output.Value, path);
      outputs[key] = this.options.rewrite?.(resolved) ?? resolved;
      if (isObject(output.Export)) {
        const name = expectString(evaluator.evaluate(output.Export.Name, path), `${path}: export name`);
        if (this.exports.has(name)) throw new Error(`${path}: export ${name} exists already`);
        this.exports.set(name, outputs[key]);
      }
    }
    this.outputs[stackName] = outputs;
    return outputs;
  }
}

function readParameters(stackName: string, declared: JsonObject, given: JsonObject): Map<string, unknown> {
  const parameters = new Map<string, unknown>();
  for (const [name, value] of Object.entries(declared)) {
    const where = `${stackName}: parameter ${name}`;
    const declaration = expectObject(value, where);
    const type = expectString(declaration.Type, `${where}: Type`);
    const isList = type === 'CommaDelimitedList' || type.startsWith('List<');
    const content = given[name] ?? declaration.Default;
    // Which version of the bootstrap stack there is: none here, and only CDK's own rule asks.
    if (type.startsWith('AWS::SSM::Parameter') && name !== 'BootstrapVersion') {
      throw new Error(`${where}: type ${type} is not supported here`);
    }
    if (content === undefined) throw new Error(`${where} has no default, and values cannot be given here`);
    parameters.set(
      name,
      isList && typeof content === 'string' ? content.split(',').map((part) => part.trim()) : content,
    );
  }
  return parameters;
}

/**
 * Creates every resource of the assembly with the provider of its type.
 *
 * @throws an Error that names stack, logical id and what is not supported
 */
export async function deploy(assembly: Assembly, options: DeployOptions): Promise<Deployment> {
  const deployer = new Deployer(assembly, options);
  for (const stack of assembly.stacks) deployer.check(stack.template, stack.stackName);
  for (const stack of assembly.stacks) await deployer.stack(stack.stackName, stack.template, stack.paths);
  return { resources: deployer.resources, outputs: deployer.outputs };
}
