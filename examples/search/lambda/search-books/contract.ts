export { booksAnswer as answer, bookQuery as query } from '../schemas';
