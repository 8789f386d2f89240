import { CreatedResource, DeployedResource } from '../types';
import { physicalName } from './names';

/** Types that have no meaning on one machine: listed once at the start, never run. */
const INERT_TYPES = new Set([
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::AnomalyDetector',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::Budgets::Budget',
  'AWS::Backup::BackupPlan',
  'AWS::Backup::BackupSelection',
  'AWS::Backup::BackupVault',
  // Sign-in pages, threat protection and logs of user pools: pools themselves run.
  'AWS::Cognito::LogDeliveryConfiguration',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolRiskConfigurationAttachment',
  'AWS::EC2::EIP',
  'AWS::EC2::FlowLog',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ResourceGroups::Group',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Subscription',
  'AWS::WAFv2::WebACL',
  'AWS::WAFv2::WebACLAssociation',
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::XRay::Group',
  'AWS::XRay::SamplingRule',
]);

/** True for a type that is accepted and not run, unless a service of the run takes it. */
export function isInert(type: string): boolean {
  return INERT_TYPES.has(type);
}

/** Where the name of a resource of a type stands in its properties, and the form of its ARN after the account. */
const ARNS: Readonly<Record<string, { name: string; service: string; resource: (name: string) => string }>> = {
  'AWS::CloudWatch::Alarm': { name: 'AlarmName', service: 'cloudwatch', resource: (name) => `alarm:${name}` },
  'AWS::CloudWatch::CompositeAlarm': { name: 'AlarmName', service: 'cloudwatch', resource: (name) => `alarm:${name}` },
  'AWS::Logs::LogGroup': { name: 'LogGroupName', service: 'logs', resource: (name) => `log-group:${name}:*` },
  'AWS::SNS::Topic': { name: 'TopicName', service: 'sns', resource: (name) => name },
};

/** Gives an inert resource the `Ref` and the attributes others may ask for. */
export function createInert(resource: DeployedResource, region: string, accountId: string): CreatedResource {
  const form = ARNS[resource.type];
  const given = form === undefined ? undefined : resource.properties[form.name];
  const name = typeof given === 'string' ? given : physicalName(resource.stackName, resource.logicalId);
  const service = form?.service ?? resource.type.split('::')[1]?.toLowerCase() ?? 'local';
  const arn = `arn:aws:${service}:${region}:${accountId}:${form?.resource(name) ?? name}`;
  const refIsArn = resource.type === 'AWS::SNS::Topic';
  return {
    ref: refIsArn ? arn : name,
    attributes: {
      Arn: arn,
      ...(refIsArn ? { TopicArn: arn, TopicName: name } : {}),
      ...(resource.type === 'AWS::EC2::VPC'
        ? { VpcId: name, CidrBlock: '10.0.0.0/16', DefaultSecurityGroup: name }
        : {}),
      ...(resource.type === 'AWS::EC2::SecurityGroup' ? { GroupId: name, Id: name } : {}),
      ...(resource.type === 'AWS::EC2::Subnet' ? { SubnetId: name } : {}),
      ...(resource.type === 'AWS::Backup::BackupVault' ? { BackupVaultName: name, BackupVaultArn: arn } : {}),
      ...(resource.type === 'AWS::Backup::BackupPlan'
        ? { BackupPlanId: name, BackupPlanArn: arn, VersionId: '1' }
        : {}),
    },
  };
}

/** `3 AWS::CloudWatch::Alarm, 1 AWS::Logs::LogGroup`, most first. */
export function summarizeInert(types: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .map(([type, count]) => `${count} ${type}`)
    .join(', ');
}
