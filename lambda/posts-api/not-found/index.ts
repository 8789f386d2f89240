import { POSTS_ENDPOINTS } from '../../../src/posts-api/contract';
import { fallback } from '../../core/http/fallback';
import { api } from '../api';

/** Every other route. */
export const handler = fallback(api, '/v1', POSTS_ENDPOINTS);
