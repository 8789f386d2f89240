import { created, httpHandler } from '../../core/http';
import { addComment } from '../domain/comments';
import { commentPorts } from '../ports';
import { checkedInput, pathParameter, requiredToken } from '../requests';
import { newComment, parseBody } from '../validation';

const ports = commentPorts();

/** POST /articles/{slug}/comments */
export const handler = httpHandler(async (request) => {
  const token = requiredToken(request);
  const { comment } = await checkedInput(ports.gate, token, () => parseBody(newComment, request.body, 'comment'));
  return created(await addComment(ports, token, pathParameter(request, 'slug'), comment.body));
});
