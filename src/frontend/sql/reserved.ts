/** Owns: the words of SQL that cannot be names unless they stand in back-quotes, since they end or join expressions. */

const RESERVED = new Set([
  'and',
  'as',
  'between',
  'case',
  'distinct',
  'div',
  'else',
  'end',
  'escape',
  'for',
  'from',
  'ilike',
  'in',
  'is',
  'like',
  'not',
  'null',
  'or',
  'regexp',
  'rlike',
  'then',
  'when',
  'where',
]);

export const isReserved = (word: string): boolean => RESERVED.has(word.toLowerCase());
