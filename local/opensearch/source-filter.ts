import { illegalArgument, NOT_HERE } from './errors';
import { isJson, Reader } from './strict';
import { Json } from '../aws/protocol';

/** Gives what of a document an answer shows; undefined where it shows nothing. */
export type SourceFilter = (source: Json) => Json | undefined;

/** Reads `_source`: true, false, a name, names, or `includes` and `excludes`. */
export function parseSourceFilter(given: unknown): SourceFilter {
  if (given === undefined || given === true || given === 'true') return (source) => source;
  if (given === false || given === 'false') return () => undefined;
  const wanted = isJson(given) ? given : { includes: given };
  const reader = new Reader(wanted, '_source').only('includes', 'excludes');
  const includes = reader.has('includes') ? patterns(reader, 'includes') : [];
  const excludes = reader.has('excludes') ? patterns(reader, 'excludes') : [];
  const shows = (name: string): boolean =>
    (includes.length === 0 || includes.some((one) => one.test(name))) && !excludes.some((one) => one.test(name));
  return (source) => Object.fromEntries(Object.entries(source).filter(([name]) => shows(name)));
}

/** Names, in which `*` stands for anything. */
function patterns(reader: Reader, key: string): readonly RegExp[] {
  const list = reader.strings(key).flatMap((name) => name.split(','));
  return list.map((name) => {
    if (!/^[\w*-]+$/.test(name)) throw illegalArgument(`[_source] pattern [${name}] is ${NOT_HERE}`);
    return new RegExp(`^${name.replaceAll('*', '.*')}$`);
  });
}
