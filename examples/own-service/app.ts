import { App } from 'aws-cdk-lib';
import { ownService } from './system';

const app = new App();
ownService(app);
app.synth();
