/** Lists, tags and searches of the RealWorld API, by a real OpenSearch: `OPENSEARCH_URL`. */
import { describeArticleSearch } from './article-search-suite';
import { openSearch } from './service';

describeArticleSearch(openSearch, [1, 2, 3]);
