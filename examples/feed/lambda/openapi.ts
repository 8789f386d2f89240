import { openApiDocument } from 'cdk-social-backend/openapi';
import { CONTRACTS } from './contracts';
import { newPost, postAnswer } from './schemas';
import { ENDPOINTS } from '../contract';

/** The API document; written to a file when it is built. */
export const document = openApiDocument(ENDPOINTS, CONTRACTS, {
  title: 'Feeds',
  version: '1.0.0',
  components: { NewPost: newPost, Post: postAnswer },
  examples: { NewPost: { text: 'Warm welcome, good fire' } },
});
