import { notFound } from 'cdk-social-backend/http';

/** Users are whom the caller says they are, by ids of this form. @throws HttpError 404 */
export function userOf(id: string): string {
  if (!/^[\w-]{1,64}$/.test(id)) {
    throw notFound('user');
  }
  return id;
}

/** Posts have UUIDv7s in lower case. @throws HttpError 404 */
export function postOf(id: string): string {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id)) {
    throw notFound('post');
  }
  return id;
}
