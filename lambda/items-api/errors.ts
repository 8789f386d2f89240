/** The errors that the rules tell a caller of. */
export { conflict, invalid, notFound, preconditionFailed } from '../core/http/service-api';
