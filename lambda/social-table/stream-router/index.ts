import { toMessage } from './record';
import { routing } from './run';

export const handler = routing(toMessage);
