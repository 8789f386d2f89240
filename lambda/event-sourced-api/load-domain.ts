import { domainOf } from './domain/domain';
import * as brought from './domain.js';

/**
 * The domain that lies beside this function's code, checked as the function starts.
 *
 * @throws Error that names what is malformed
 */
export const loadDomain = () => domainOf(brought.domain);
