import { preconditionFailed, tooLarge } from '../errors';
import type { Expected } from './model';
import { afterDeletion, found, type ProfilePorts } from './profiles';

/** Profiles as one map each. */

/** @throws HttpError 412, 413 */
export async function putBlob({ profiles, newId }: ProfilePorts, body: { readonly id?: string }, expected?: Expected) {
  const id = body.id ?? newId();
  const outcome = await profiles.upsertBlob(id, { ...body, id }, expected);
  switch (outcome.kind) {
    case 'other version':
      throw preconditionFailed();
    case 'too large':
      throw tooLarge('The item', outcome.bytes, outcome.limit);
    case 'written':
      return { view: { id }, created: outcome.created, tag: outcome.version };
  }
}

/** As it was stored. @throws HttpError 404 */
export async function getBlob({ profiles }: ProfilePorts, id: string | undefined) {
  return found('blob', await profiles.getBlob(found('blob', id)));
}

/** @throws HttpError 404 where there is no blob, or none with segments */
export async function getBlobSegments({ profiles }: ProfilePorts, id: string | undefined): Promise<unknown> {
  return found('blob with segments', await profiles.getRawSegmentsFromBlob(found('blob', id)));
}

/** @throws HttpError 404, 412 */
export async function deleteBlob({ profiles }: ProfilePorts, id: string | undefined, expected?: Expected) {
  afterDeletion('blob', await profiles.deleteBlob(found('blob', id), expected));
}
