import { App } from 'aws-cdk-lib';
import { eventSourcing } from './system';

const app = new App();
eventSourcing(app);
app.synth();
