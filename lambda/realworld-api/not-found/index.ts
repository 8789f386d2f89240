import { REALWORLD_ENDPOINTS } from '../../../src/realworld-api/contract';
import { fallback } from '../../core/http/fallback';
import { api } from '../api';

const { SearchArticles: _, ...withoutSearch } = REALWORLD_ENDPOINTS;

/** Every other route; without a search index, the search is one of them. */
export const handler = fallback(api, '/api', process.env.HAS_SEARCH === 'true' ? REALWORLD_ENDPOINTS : withoutSearch);
