import { fallback } from '../../../../lambda/core/http/fallback';
import { NOTES_ENDPOINTS } from '../../contract';
import { api } from '../api';

/** Every other route. */
export const handler = fallback(api, '', NOTES_ENDPOINTS);
