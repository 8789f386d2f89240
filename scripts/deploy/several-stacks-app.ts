/** The app of docs/operations.md, "From one stack to several"; RETAINED says what the stack before has left. */
import { App, CfnOutput } from 'aws-cdk-lib';
import type { RealWorldApi } from 'cdk-social-backend';
import { Api, Data, type Retained } from '../../test/snippets/several-stacks';

const retained = JSON.parse(process.env.RETAINED ?? '') as Retained;
const app = new App();
const api = new Api(app, 'SeveralApi', new Data(app, 'SeveralData', retained), retained);
new CfnOutput(api, 'ApiUrl', { value: (api.node.findChild('Api') as RealWorldApi).url });
app.synth();
