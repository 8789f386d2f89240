import { App } from 'aws-cdk-lib';
import { feedOfOwnTables } from './system';

const app = new App();
feedOfOwnTables(app);
app.synth();
