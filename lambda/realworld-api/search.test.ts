import { describeArticleSearch } from '../../test/opensearch/article-search-suite';
import { type EmbeddedService, startEmbedded } from '../../test/opensearch/embedded';

let embedded: EmbeddedService;

beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.close());

describeArticleSearch(() => embedded);
