export { newNote as body, noteAnswer as answer } from '../schemas';
