import { httpHandler, noContent } from '../../core/http';
import { deleteComment } from '../domain/comments';
import { commentPorts } from '../ports';
import { pathParameter, requiredToken } from '../requests';

const ports = commentPorts();

/** DELETE /articles/{slug}/comments/{id} */
export const handler = httpHandler(async (request) => {
  const id = pathParameter(request, 'id');
  await deleteComment(ports, requiredToken(request), pathParameter(request, 'slug'), id);
  return noContent;
});
