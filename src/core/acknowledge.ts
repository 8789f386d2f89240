import { CfnResource, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** A finding of cdk-nag by its exact id, such as `AwsSolutions-IAM5[Resource::*]`, and why it is accepted. */
export interface Acknowledgement {
  readonly id: string;
  readonly reason: string;
}

/** `AwsSolutions-IAM5[Resource::*]`: the rule, and the part of the resource that it is about. */
const FINDING = /^([^[]+)(?:\[(.+)\])?$/;

/**
 * Accepts a finding on this one resource, for both cdk-nag 3, which asks CDK's validations, and cdk-nag 2, which reads
 * the resource's metadata. It hides nothing of what a user adds elsewhere.
 *
 * @param resource undefined where CDK made none, as under `Role.customizeRoles`
 * @internal
 */
export function acknowledge(resource: IConstruct | undefined, { id, reason }: Acknowledgement): void {
  if (!resource) {
    return;
  }
  Validations.of(resource).acknowledge({ id, reason });
  if (CfnResource.isCfnResource(resource)) {
    const [, rule, appliesTo] = FINDING.exec(id) ?? [];
    const known = resource.getMetadata('cdk_nag') as { rules_to_suppress: object[] } | undefined;
    resource.addMetadata('cdk_nag', {
      rules_to_suppress: [
        ...(known?.rules_to_suppress ?? []),
        { id: rule, reason, ...(appliesTo === undefined ? {} : { applies_to: [appliesTo] }) },
      ],
    });
  }
}
