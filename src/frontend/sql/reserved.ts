/** Owns: the words of SQL that are no names unless they stand in back-quotes. Spark has as few of them as it can do with. */

const OPERATORS = 'and as between case distinct div else ilike in is like not null or rlike then when'.split(' ');
const CONTINUATIONS = 'end escape for from regexp where'.split(' ');

const startless = new Set(OPERATORS);
const nameless = new Set([...OPERATORS, ...CONTINUATIONS]);

/** Words that cannot be a column where an operand is wanted. */
export const isOperatorWord = (word: string): boolean => startless.has(word.toLowerCase());

/** Words that cannot be an alias without AS, since the expression goes on with them. */
export const isReserved = (word: string): boolean => nameless.has(word.toLowerCase());
