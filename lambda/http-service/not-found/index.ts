import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { fallback } from '../../core/http/fallback';
import { serviceApi } from '../../core/http/service-api';

/** The routes of a service, which its app has put beside this function. */
const routes = JSON.parse(readFileSync(path.join(__dirname, 'routes.json'), 'utf8')) as Record<
  string,
  { method: string; path: string }
>;

/** Every other route of a service. */
export const handler = fallback(serviceApi, '', routes);
