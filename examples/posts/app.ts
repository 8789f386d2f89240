import { App } from 'aws-cdk-lib';
import { posts } from './system';

const app = new App();
posts(app);
app.synth();
