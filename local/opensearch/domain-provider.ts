import { checkAccessPolicy } from './access-policy';
import { prefixOf } from './api';
import { DomainAnswer, Domains } from './domains';
import { RestRequest } from './routes';
import { isObject, PropertyReader, shortId } from '../assembly';
import { ServiceRun } from '../service';
import { AccessDenied, CreatedResource, DeployedResource, ResourceProvider } from '../types';

const DOMAIN = 'AWS::OpenSearchService::Domain';
/** Custom resources of the CDK's domain, whose function calls APIs that are not here. */
const ACCESS_POLICY = 'Custom::OpenSearchAccessPolicy';
const LOG_POLICY = 'Custom::CloudwatchLogResourcePolicy';

const CUSTOM_PROPERTIES = ['ServiceToken', 'Create', 'Update', 'Delete', 'InstallLatestAwsSdk', 'ServiceTimeout'];

/** Options whose value is what is so here; the only ones. */
const ADVANCED_OPTIONS: Readonly<Record<string, string>> = {
  'rest.action.multi.allow_explicit_index': 'true',
  override_main_response_version: 'false',
};

/** How often a role just made is denied at most. */
const FRESH_ROLE_TRIES = 100;

/** What a domain is made of. */
export interface DomainSettings {
  readonly name: string;
  /** `3.1`. */
  readonly version: string;
  /** The IAM role that fine-grained access control begins with; undefined where that is off. */
  readonly masterArn?: string;
}

/** What answers for a domain. */
export type Answer = (request: RestRequest, roleArn: string | undefined) => Promise<DomainAnswer>;

/** Creates domains. */
export class DomainProvider implements ResourceProvider {
  public readonly types = [DOMAIN, ACCESS_POLICY, LOG_POLICY];

  /** @param open starts what answers for a domain; throws an Error of one line where it cannot */
  public constructor(
    private readonly run: ServiceRun,
    private readonly domains: Domains,
    private readonly open: (settings: DomainSettings) => Answer,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    switch (resource.type) {
      case ACCESS_POLICY:
        return this.accessPolicy(resource);
      case LOG_POLICY:
        return logPolicy(resource);
      default:
        return this.domain(resource);
    }
  }

  private async domain(resource: DeployedResource): Promise<CreatedResource> {
    const properties = new PropertyReader(resource, {
      used: [
        'AccessPolicies',
        'AdvancedOptions',
        'AdvancedSecurityOptions',
        'DomainName',
        'EngineVersion',
        'VPCOptions',
      ],
      inert: [
        ...['ClusterConfig', 'CognitoOptions', 'DomainEndpointOptions', 'EBSOptions', 'EncryptionAtRestOptions'],
        ...['IPAddressType', 'LogPublishingOptions', 'NodeToNodeEncryptionOptions', 'OffPeakWindowOptions'],
        ...['SnapshotOptions', 'SoftwareUpdateOptions', 'Tags'],
      ],
    });
    const engine = properties.optionalString('EngineVersion') ?? 'OpenSearch_2.19';
    const version = /^OpenSearch_(\d+\.\d+)$/.exec(engine)?.[1];
    if (version === undefined) {
      return properties.refuse(`EngineVersion ${engine} is not supported here, only OpenSearch`);
    }
    if (properties.has('AccessPolicies')) checkAccessPolicy(properties, 'AccessPolicies', this.run.accountId);
    checkAdvancedOptions(properties);
    const name = properties.optionalString('DomainName') ?? this.run.names.of(resource, 28).toLowerCase();
    const { region, accountId } = this.run;
    const arn = `arn:aws:es:${region}:${accountId}:domain/${name}`;
    const inNetwork = properties.has('VPCOptions');
    const id = shortId(resource.stackName, resource.logicalId, 26);
    const host = `${inNetwork ? 'vpc' : 'search'}-${name}-${id}.${region}.es.amazonaws.com`;
    const answer = this.open({ name, version, masterArn: readMaster(properties) });
    const url = await this.run.listen(prefixOf(name));
    this.domains.add({ name, arn, host, url, answer });
    this.run.log(`OpenSearch domain ${name} at ${url}, for signed requests`);
    return {
      ref: name,
      attributes: { Arn: arn, DomainArn: arn, DomainEndpoint: host, Id: `${accountId}/${name}` },
    };
  }

  private accessPolicy(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, { used: CUSTOM_PROPERTIES });
    const call = parseCall(properties);
    const parameters = isObject(call.parameters) ? call.parameters : {};
    const { DomainName: name, AccessPolicies: text, ...others } = parameters;
    if (call.action !== 'updateDomainConfig' || Object.keys(others).length > 0 || typeof text !== 'string') {
      properties.refuse('is supported here for AccessPolicies alone');
    }
    const domain = this.domains.get(String(name));
    if (domain === undefined) return properties.refuse(`domain ${String(name)} is not part of this app`);
    const policy = { AccessPolicies: JSON.parse(String(text)) as unknown };
    checkAccessPolicy(
      new PropertyReader({ ...resource, properties: policy }, { used: ['AccessPolicies'] }),
      'AccessPolicies',
      this.run.accountId,
    );
    this.authorizeUpdate(properties.string('ServiceToken'), domain.arn);
    return { ref: `${domain.name}AccessPolicy`, attributes: { 'DomainConfig.AccessPolicies': text } };
  }

  /** As the function of the custom resource would call it. */
  private authorizeUpdate(functionArn: string, domainArn: string): void {
    const { functions, authorizer } = this.run.others;
    const principal = functions.roleOf(functionArn);
    for (let tries = FRESH_ROLE_TRIES; ; tries -= 1) {
      try {
        authorizer.authorize(principal, 'es:UpdateDomainConfig', [domainArn]);
        return;
      } catch (error) {
        if (!(error instanceof AccessDenied) || tries === 0) throw error;
      }
    }
  }
}

/** The call that the custom resource's function is told to make. */
function parseCall(properties: PropertyReader): Readonly<Record<string, unknown>> {
  try {
    const call = JSON.parse(properties.string('Create')) as unknown;
    if (isObject(call)) return call;
  } catch {
    // Said below.
  }
  return properties.refuse('Create is no call in JSON');
}

/** Lets OpenSearch Service write logs, which it does not here. */
function logPolicy(resource: DeployedResource): CreatedResource {
  const properties = new PropertyReader(resource, { used: CUSTOM_PROPERTIES });
  const { physicalResourceId } = parseCall(properties);
  const id = isObject(physicalResourceId) ? String(physicalResourceId.id) : resource.logicalId;
  return { ref: id, attributes: {} };
}

function checkAdvancedOptions(properties: PropertyReader): void {
  for (const [name, value] of Object.entries(properties.optionalObject('AdvancedOptions') ?? {})) {
    if (ADVANCED_OPTIONS[name] !== String(value)) {
      properties.refuse(`AdvancedOptions.${name} of ${String(value)} is not supported here`);
    }
  }
}

function readMaster(properties: PropertyReader): string | undefined {
  const options = properties.nested('AdvancedSecurityOptions', {
    used: ['AnonymousAuthEnabled', 'Enabled', 'InternalUserDatabaseEnabled', 'MasterUserOptions'],
  });
  if (options?.optionalBoolean('Enabled') !== true) return undefined;
  for (const name of ['AnonymousAuthEnabled', 'InternalUserDatabaseEnabled']) {
    if (options.optionalBoolean(name) === true) {
      options.refuse(`${name} is not supported here: requests are signed, with the role of whoever calls`);
    }
  }
  const master = options.nested('MasterUserOptions', { used: ['MasterUserARN'] });
  return master?.string('MasterUserARN') ?? options.refuse('MasterUserOptions must name a MasterUserARN');
}
