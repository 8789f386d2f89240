export { noteAnswer as answer, notePath as path } from '../schemas';
