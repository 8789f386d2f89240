import { App } from 'aws-cdk-lib';
import { items } from './system';

const app = new App();
items(app);
app.synth();
