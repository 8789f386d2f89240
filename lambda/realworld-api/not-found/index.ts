import { REALWORLD_ENDPOINTS } from '../../../src/realworld-api/contract';
import { fallback } from '../../core/http/fallback';
import { api } from '../api';

/** Every other route. */
export const handler = fallback(api, '/api', REALWORLD_ENDPOINTS);
