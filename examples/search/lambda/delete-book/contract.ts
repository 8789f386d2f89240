export { isbnPath as path } from '../schemas';
