import { App } from 'aws-cdk-lib';
import { personalisation } from './system';

const app = new App();
personalisation(app);
app.synth();
