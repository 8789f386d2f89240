import { fallback } from '../../../../lambda/core/http/fallback';
import { BOOKS_ENDPOINTS } from '../../contract';
import { api } from '../api';

/** Every other route. */
export const handler = fallback(api, '', BOOKS_ENDPOINTS);
