import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { assemblyOf } from './support/assemblies';
import { fullSystem } from '../examples/full-system/system';
import { RealWorldApi } from '../src';

/** Hashes of assets change with every build of the functions; the template's shape is what a snapshot is for. */
function masked(template: Template): unknown {
  return JSON.parse(JSON.stringify(template.toJSON()).replace(/[0-9a-f]{64}/g, '<asset>'));
}

interface Report {
  readonly pluginReports: readonly { readonly violations: readonly { readonly description: string }[] }[];
}

/** What the report of a synthesis with the validator on says. */
function violationsIn(assembly: string): string[] {
  const report = JSON.parse(readFileSync(path.join(assembly, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports.flatMap((plugin) => plugin.violations.map((violation) => violation.description));
}

describe('the full system', () => {
  const app = new App();
  const stacks = fullSystem(app);

  test.each(stacks.map((stack) => [stack.stackName, stack] as const))('%s is as it was', (_, stack) => {
    expect(masked(Template.fromStack(stack))).toMatchSnapshot();
  });

  test.each(stacks.map((stack) => [stack.stackName, stack] as const))('%s has fewer than 400 resources', (_, stack) => {
    const resources = Template.fromStack(stack).toJSON().Resources as Record<string, unknown>;
    expect(Object.keys(resources).length).toBeGreaterThan(0);
    expect(Object.keys(resources).length).toBeLessThan(400);
  });

  test('has no finding of cdk-nag AwsSolutions', () => {
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });

  test('and cdk-nag would find one: a wildcard that a user adds to a function of ours', () => {
    const other = new App();
    const stack = fullSystem(other).find(({ stackName }) => stackName === 'RealWorld') as Stack;
    const api = stack.node.findChild('Api') as RealWorldApi;
    api.functions.GetArticle.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:GetItem'], resources: ['*'] }));
    const { violations } = new AwsSolutionsChecks(other).validateScope(other);
    expect(violations.map((violation) => violation.ruleName)).toEqual(['AwsSolutions-IAM5[Resource::*]']);
  });

  test('synthesizes as a user would, without a finding of cdk-nag or the CloudFormation validator', async () => {
    expect(violationsIn(await assemblyOf('full-system'))).toEqual([]);
  });

  test('and the CloudFormation validator would find one: a property that does not exist', () => {
    const broken =
      "const { App, Stack, CfnResource } = require('aws-cdk-lib'); const app = new App();" +
      "new CfnResource(new Stack(app, 'S'), 'Q', { type: 'AWS::SQS::Queue', properties: { Delay: 1 } }); app.synth();";
    const outdir = mkdtempSync(path.join(tmpdir(), 'full-system-'));
    try {
      execFileSync(process.execPath, ['-e', broken], {
        env: { ...process.env, CDK_OUTDIR: outdir, CDK_VALIDATION: 'true' },
        stdio: 'pipe',
      });
      expect(violationsIn(outdir)).toEqual([expect.stringContaining('Delay')]);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  });
});
