import * as z from 'zod/mini';
import { requireEnv } from '../../core/env';
import { invokerOf } from '../../core/function-client';
import { functionConverter, matches } from '../migration/converter-function';
import { handlerOf } from '../migration/handler';

const patterns = z.array(z.string()).parse(JSON.parse(requireEnv('CONVERTER_KEYS')));

/** All attempts end before the half of the function's time that is for its last page; a converter writes nothing. */
const INVOKER = { seconds: 15, attempts: 3 };

/** Converts this library's own items, and has a function convert those of whoever uses it. */
export const handler = handlerOf({
  isFor: (item) => matches(patterns, item),
  convert: functionConverter(invokerOf(requireEnv('CONVERTER_FUNCTION_ARN'), INVOKER), patterns),
});
