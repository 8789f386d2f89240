import { list, map, number, text, util, utilObject } from './functions';
import { isMap, sameValue, VtlError, VtlObject, VtlValue } from '../values';

const isIn = (value: VtlValue, values: readonly VtlValue[]): boolean => values.some((item) => sameValue(item, value));

/** `$util.list`, after "List helpers in $util.list" of the AppSync developer guide. */
export const LIST: VtlObject = utilObject('$util.list', {
  copyAndRetainAll: util(2, (values, kept) => list(values).filter((value) => isIn(value, list(kept)))),
  copyAndRemoveAll: util(2, (values, removed) => list(values).filter((value) => !isIn(value, list(removed)))),
  sortList: util(3, (values, descending, field) => {
    const keyOf = (value: VtlValue): string | number => {
      const key = isMap(value) ? (value.get(text(field)) ?? null) : value;
      if (typeof key === 'string' || typeof key === 'number') return key;
      throw new VtlError('only texts and numbers are sorted');
    };
    const keys = new Set(list(values).map((value) => typeof keyOf(value)));
    if (keys.size > 1) throw new VtlError('texts and numbers are not sorted together');
    const sign = descending === true ? -1 : 1;
    return [...list(values)].sort((a, b) => (keyOf(a) === keyOf(b) ? 0 : keyOf(a) < keyOf(b) ? -sign : sign));
  }),
});

/** `$util.map`, after "Map helpers in $util.map". */
export const MAP: VtlObject = utilObject('$util.map', {
  copyAndRetainAllKeys: util(2, (values, keys) => new Map([...map(values)].filter(([key]) => isIn(key, list(keys))))),
  copyAndRemoveAllKeys: util(2, (values, keys) => new Map([...map(values)].filter(([key]) => !isIn(key, list(keys))))),
});

/** `$util.str`, after "String helpers in $util.str". */
export const STR: VtlObject = utilObject('$util.str', {
  toUpper: util(1, (value) => text(value).toUpperCase()),
  toLower: util(1, (value) => text(value).toLowerCase()),
  toReplace: util(3, (value, from, to) => text(value).split(text(from)).join(text(to))),
  normalize: util(2, (value, form) => {
    const known = ['nfc', 'nfd', 'nfkc', 'nfkd'].find((name) => name === text(form).toLowerCase());
    if (known === undefined) throw new VtlError(`the form ${text(form)} is not known`);
    return text(value).normalize(known.toUpperCase());
  }),
});

/** `$util.math`, after "Math helpers in $util.math". */
export const MATH: VtlObject = utilObject('$util.math', {
  roundNum: util(1, (value) => Math.floor(number(value) + 0.5)),
  minVal: util(2, (a, b) => Math.min(number(a), number(b))),
  maxVal: util(2, (a, b) => Math.max(number(a), number(b))),
  randomDouble: util(0, () => Math.random()),
  randomWithinRange: util(2, (from, to) => number(from) + Math.floor(Math.random() * (number(to) - number(from)))),
});
