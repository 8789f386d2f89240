import * as z from 'zod/mini';
import { requireEnv } from '../../core/env';
import { functionConverter, matches } from '../migration/converter-function';
import { invokerOf } from '../migration/function-client';
import { handlerOf } from '../migration/handler';

const patterns = z.array(z.string()).parse(JSON.parse(requireEnv('CONVERTER_KEYS')));

/** Converts this library's own items, and has a function convert those of whoever uses it. */
export const handler = handlerOf({
  isFor: (item) => matches(patterns, item),
  convert: functionConverter(invokerOf(requireEnv('CONVERTER_FUNCTION_ARN')), patterns),
});
