import { documents } from '../../core/docs/docs';

/** The API explorer and the document that the build has put beside this function. */
export const handler = documents(__dirname);
