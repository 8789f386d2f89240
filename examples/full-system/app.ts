import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { fullSystem } from './system';

// What the CloudFormation validator finds is an error, not a warning.
const app = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
fullSystem(app);
// Every synthesis is checked, here and in your pipeline; a finding fails it.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
