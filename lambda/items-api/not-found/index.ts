import { ITEMS_ENDPOINTS } from '../../../src/items-api/contract';
import { fallback } from '../../core/http/fallback';
import { serviceApi } from '../../core/http/service-api';

/** Every other route. */
export const handler = fallback(serviceApi, '', ITEMS_ENDPOINTS);
