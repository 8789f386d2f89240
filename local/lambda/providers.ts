import { mkdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, expectObject, expectString, physicalName, PropertyReader, stringList } from '../assembly';
import { ServiceRun } from '../service';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { FunctionPools } from './function-pools';
import { functionNameOf, qualifierOf } from './reference';

const FUNCTION_PROPERTIES = {
  used: [
    'Architectures',
    'Code',
    'Environment',
    'FunctionName',
    'Handler',
    'LoggingConfig',
    'MemorySize',
    'PackageType',
    'ReservedConcurrentExecutions',
    'Role',
    'Runtime',
    'Timeout',
  ],
  inert: [
    'CodeSigningConfigArn',
    'DeadLetterConfig',
    'Description',
    'EphemeralStorage',
    'KmsKeyArn',
    'RecursiveLoop',
    'RuntimeManagementConfig',
    'SnapStart',
    'Tags',
    'TracingConfig',
    'VpcConfig',
  ],
};

/** Creates functions, versions, aliases and permissions. */
export class LambdaProvider implements ResourceProvider {
  public readonly types = [
    'AWS::Lambda::Function',
    'AWS::Lambda::Version',
    'AWS::Lambda::Alias',
    'AWS::Lambda::Permission',
    'AWS::Lambda::EventInvokeConfig',
  ];

  public constructor(
    private readonly run: ServiceRun,
    private readonly functions: FunctionPools,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    switch (resource.type) {
      case 'AWS::Lambda::Function':
        return this.function(resource);
      case 'AWS::Lambda::Version':
        return this.version(resource);
      case 'AWS::Lambda::Alias':
        return this.alias(resource);
      case 'AWS::Lambda::Permission':
        return this.permission(resource);
      default:
        // Retries and destinations of asynchronous calls: no such call is made here.
        return { ref: physicalName(resource.stackName, resource.logicalId), attributes: {} };
    }
  }

  private function(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, FUNCTION_PROPERTIES);
    const runtime = properties.optionalString('Runtime') ?? 'none';
    if (!/^nodejs\d+\.x$/.test(runtime)) properties.refuse(`runtime ${runtime} is not supported here, only nodejs`);
    const packageType = properties.optionalString('PackageType') ?? 'Zip';
    if (packageType !== 'Zip') properties.refuse(`package type ${packageType} is not supported here, only Zip`);
    const name = properties.optionalString('FunctionName') ?? physicalName(resource.stackName, resource.logicalId);
    const arn = `arn:aws:lambda:${this.run.region}:${this.run.accountId}:function:${name}`;
    const roleArn = properties.string('Role');
    const logging = properties.nested('LoggingConfig', {
      used: ['LogGroup'],
      inert: ['LogFormat', 'ApplicationLogLevel', 'SystemLogLevel'],
    });
    this.run.others.authorizer.useRole(roleArn, name, describe(resource));
    this.functions.add({
      name,
      arn,
      roleArn,
      handler: properties.string('Handler'),
      runtime,
      codeDirectory: this.code(properties, name),
      timeoutSeconds: properties.optionalNumber('Timeout') ?? 3,
      memoryMegabytes: properties.optionalNumber('MemorySize') ?? 128,
      architecture:
        stringList(resource.properties.Architectures ?? ['x86_64'], `${describe(resource)}: Architectures`)[0] ??
        'x86_64',
      environment: readEnvironment(resource, properties),
      reservedConcurrency: properties.optionalNumber('ReservedConcurrentExecutions'),
      logGroup: logging?.optionalString('LogGroup') ?? `/aws/lambda/${name}`,
    });
    return { ref: name, attributes: { Arn: arn, FunctionName: name } };
  }

  private code(properties: PropertyReader, name: string): string {
    const code = properties.nested('Code', { used: ['S3Bucket', 'S3Key', 'ZipFile'], inert: ['SourceKMSKeyArn'] });
    const inline = code?.optionalString('ZipFile');
    if (inline !== undefined) {
      if (/require\(['"]cfn-response['"]\)/.test(inline)) {
        properties.refuse('the module cfn-response is not supported here');
      }
      const directory = join(this.run.workDir, 'inline', name);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'index.js'), inline);
      return directory;
    }
    const key = code?.optionalString('S3Key') ?? '';
    const path = this.run.assets.get(key);
    if (path === undefined) properties.refuse(`the code ${key} is no asset of this assembly`);
    if (extname(path) === '.zip') properties.refuse(`the code ${path} is a zip file, only folders are supported here`);
    return path;
  }

  private version(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['FunctionName'],
      inert: ['CodeSha256', 'Description', 'ProvisionedConcurrencyConfig', 'RuntimePolicy'],
    });
    const { name, arn } = this.functions.configuration(properties.string('FunctionName'));
    this.functions.addQualifier(name, '1');
    return { ref: `${arn}:1`, attributes: { Version: '1', FunctionArn: `${arn}:1` } };
  }

  private alias(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['FunctionName', 'Name'],
      inert: ['FunctionVersion', 'Description', 'ProvisionedConcurrencyConfig'],
    });
    const { name, arn } = this.functions.configuration(properties.string('FunctionName'));
    this.functions.addQualifier(name, properties.string('Name'));
    const aliasArn = `${arn}:${properties.string('Name')}`;
    return { ref: aliasArn, attributes: { AliasArn: aliasArn } };
  }

  private permission(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['Action', 'FunctionName', 'Principal', 'SourceArn'],
      inert: ['SourceAccount'],
    });
    const reference = properties.string('FunctionName');
    if (!this.functions.has(reference)) properties.refuse(`function ${reference} is not part of this app`);
    this.functions.permissions.push({
      functionName: functionNameOf(reference),
      qualifier: qualifierOf(reference),
      action: properties.string('Action'),
      principal: properties.string('Principal'),
      sourceArn: properties.optionalString('SourceArn'),
    });
    return { ref: physicalName(resource.stackName, resource.logicalId), attributes: { Id: resource.logicalId } };
  }
}

function readEnvironment(resource: DeployedResource, properties: PropertyReader): Record<string, string> {
  const { Variables: variables } = properties.optionalObject('Environment') ?? {};
  const where = `${describe(resource)}: Environment.Variables`;
  return Object.fromEntries(
    Object.entries(variables === undefined ? {} : expectObject(variables, where)).map(([name, value]) => {
      // CloudFormation turns numbers and booleans into text.
      const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
      return [name, expectString(text, `${where}.${name}`)];
    }),
  );
}
