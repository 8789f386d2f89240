import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { AwsSolutionsChecks } from 'cdk-nag';
import { make, mappingsOf, namesIn, propertiesOf, resourcesOf, rightsOf, statementsOf } from './synthesized';
import { SearchIndexPipeline, SearchIngestion, SearchTarget } from '../../src';

describe('a domain', () => {
  test('takes version, nodes, zones, masters and volume, and the index a copy where there is a second node', () => {
    const { template } = make({
      target: SearchTarget.domain({
        version: opensearch.EngineVersion.OPENSEARCH_2_17,
        instanceType: 'm7g.large.search',
        instanceCount: 4,
        zones: 2,
        masterCount: 3,
        volumeSize: 100,
      }),
    });
    template.hasResourceProperties('AWS::OpenSearchService::Domain', {
      EngineVersion: 'OpenSearch_2.17',
      ClusterConfig: {
        InstanceType: 'm7g.large.search',
        InstanceCount: 4,
        ZoneAwarenessEnabled: true,
        ZoneAwarenessConfig: { AvailabilityZoneCount: 2 },
        DedicatedMasterEnabled: true,
        DedicatedMasterCount: 3,
        DedicatedMasterType: 'm7g.medium.search',
      },
      EBSOptions: { VolumeSize: 100 },
    });
    const { Body: body } = propertiesOf(template, 'Custom::SearchIndex');
    expect(JSON.parse(body as string)).toMatchObject({ settings: { number_of_replicas: 1 } });
  });

  test('in a network is reached by the functions and the pipeline, over HTTPS alone', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    new SearchIndexPipeline(stack, 'Search', { vpc, target: SearchTarget.domain({ vpc }) });
    const template = Template.fromStack(stack);
    const { VPCOptions: network } = propertiesOf(template, 'AWS::OpenSearchService::Domain') as {
      VPCOptions: { SubnetIds: unknown[]; SecurityGroupIds: unknown[] };
    };
    expect(network.SubnetIds).toHaveLength(1);
    expect(network.SecurityGroupIds).toHaveLength(1);
    template.hasResourceProperties('AWS::OSIS::Pipeline', { VpcOptions: network });
    const rules = resourcesOf(template, 'AWS::EC2::SecurityGroupIngress').map(([, { Properties: rule }]) => rule);
    expect(rules).toHaveLength(2);
    for (const rule of rules) {
      expect(rule).toMatchObject({ GroupId: network.SecurityGroupIds[0], FromPort: 443, ToPort: 443 });
    }
    expect(rules.map((rule) => rule.SourceSecurityGroupId)).toContainEqual(network.SecurityGroupIds[0]);
  });

  test('takes sign-in by Cognito, and roles that may do everything', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const role = new iam.Role(stack, 'Cognito', { assumedBy: new iam.ServicePrincipal('es.amazonaws.com') });
    const users = new iam.Role(stack, 'Users', { assumedBy: new iam.WebIdentityPrincipal('cognito') });
    const dashboards = { userPoolId: 'pool', identityPoolId: 'identities', role };
    new SearchIndexPipeline(stack, 'Search', {
      target: SearchTarget.domain({ dashboards, administrators: [users] }),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::OpenSearchService::Domain', {
      CognitoOptions: { Enabled: true, UserPoolId: 'pool', IdentityPoolId: 'identities' },
    });
    expect(rightsOf(template, 'Users', namesIn(template))).toEqual([['es:ESHttp*', '<Domain.Arn>/*']]);
    const mapping = mappingsOf(template).find(({ role: name }) => name === 'articles-administrators');
    expect(mapping).toMatchObject({
      clusterPermissions: ['*'],
      indexPermissions: [{ index_patterns: ['*'], allowed_actions: ['*'] }],
      tenantPermissions: [{ tenant_patterns: ['*'], allowed_actions: ['kibana_all_write'] }],
    });
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });

  test('is encrypted under the key that is given, and removed where that is said', () => {
    const stack = new Stack(new App(), 'Stack');
    const encryptionKey = new kms.Key(stack, 'Key');
    new SearchIndexPipeline(stack, 'Search', { encryptionKey, removalPolicy: RemovalPolicy.DESTROY });
    const template = Template.fromStack(stack);
    template.hasResource('AWS::OpenSearchService::Domain', {
      Properties: {
        EncryptionAtRestOptions: { Enabled: true, KmsKeyId: stack.resolve(encryptionKey.keyId) as unknown },
      },
      DeletionPolicy: 'Delete',
    });
    expect(JSON.stringify(statementsOf(template, 'SearchZeroEtlRole'))).toContain('kms:Decrypt');
  });

  test('that is there already is used as it is', () => {
    const stack = new Stack(new App(), 'Stack');
    const domain = opensearch.Domain.fromDomainEndpoint(
      stack,
      'Domain',
      'https://search-mine-abcdefgh.eu-west-1.es.amazonaws.com',
    );
    const search = new SearchIndexPipeline(stack, 'Search', {
      target: SearchTarget.existingDomain(domain, { replicas: 2 }),
      ingestion: SearchIngestion.lambda(),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::OpenSearchService::Domain', 0);
    const properties = propertiesOf(template, 'Custom::SearchIndex');
    expect(properties).not.toHaveProperty('RoleMappings');
    expect(JSON.parse(properties.Body as string)).toMatchObject({ settings: { number_of_replicas: 2 } });
    expect(search.endpoint).toMatch(/^https:\/\//);
  });

  test('that is there already, with fine-grained access control, has the roles mapped', () => {
    const stack = new Stack(new App(), 'Stack');
    const domain = opensearch.Domain.fromDomainAttributes(stack, 'Domain', {
      domainArn: 'arn:aws:es:eu-west-1:123456789012:domain/mine',
      domainEndpoint: 'search-mine-abcdefgh.eu-west-1.es.amazonaws.com',
    });
    new SearchIndexPipeline(stack, 'Search', {
      target: SearchTarget.existingDomain(domain, { fineGrainedAccessControl: true }),
    });
    const template = Template.fromStack(stack);
    expect(mappingsOf(template).map(({ role }) => role)).toEqual(['articles-pipeline']);
  });
});
