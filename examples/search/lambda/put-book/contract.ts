export { bookAnswer as answer, newBook as body, isbnPath as path } from '../schemas';
