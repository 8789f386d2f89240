import { App } from 'aws-cdk-lib';
import { notesApi } from './system';

const app = new App();
notesApi(app);
app.synth();
