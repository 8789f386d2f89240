import { App } from 'aws-cdk-lib';
import { bookSearch } from './system';

const app = new App();
bookSearch(app);
app.synth();
