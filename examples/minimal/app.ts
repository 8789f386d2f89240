import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { RealWorldApi } from 'cdk-social-backend';

const app = new App();
const stack = new Stack(app, 'MinimalRealWorld');
const api = new RealWorldApi(stack, 'Api');
new CfnOutput(stack, 'ApiUrl', { value: api.url });
new CfnOutput(stack, 'DocsUrl', { value: api.docsUrl });
app.synth();
