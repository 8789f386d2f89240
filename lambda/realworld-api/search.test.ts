import { describeArticleSearch } from '../../test/opensearch/article-search-suite';
import { type EmbeddedService, startEmbedded } from '../../test/opensearch/embedded';
import { inScope } from '../../test/support/scope';

let embedded: EmbeddedService;

beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.close());

describeArticleSearch(() => embedded, inScope([1], [1, 2, 3]));
