import { openApiDocument } from 'cdk-social-backend/openapi';
import { CONTRACTS } from './contracts';
import { entryAnswer, newEntry } from './schemas';
import { ENDPOINTS } from '../contract';

/** The API document of the guestbook; written to a file when it is built. */
export const document = openApiDocument(ENDPOINTS, CONTRACTS, {
  title: 'Guestbook',
  version: '1.0.0',
  components: { NewEntry: newEntry, Entry: entryAnswer },
  examples: { NewEntry: { name: 'Smaug', message: 'Warm welcome, good fire' } },
});
