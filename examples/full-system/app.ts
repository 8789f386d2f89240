import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { fullSystem } from './system';

const app = new App({
  context: {
    // What the CloudFormation validator finds is an error, not a warning.
    '@aws-cdk/core:validateAgainstDefaultRules': true,
    // A stack that others refer to cannot be taken away under them.
    '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  },
});
fullSystem(app);
// Every synthesis is checked, here and in your pipeline; a finding fails it.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
