/** Owns: the names of types inside SQL text: finds where one ends and has it read as a type of DDL. */
import { MinisparkError } from '../../core/errors.js';
import { parseType } from '../../data/schema-parse.js';
import type { DataType } from '../../data/types.js';
import type { Cursor } from './cursor.js';

/** `decimal(10, 2)`, `map<string, array<int>>`, …. Throws UNSUPPORTED_DATATYPE with the place of the name. */
export function typeName(cursor: Cursor): DataType {
  const first = cursor.peek();
  if (first.kind !== 'word') throw cursor.expected('a type');
  cursor.next();
  let end = first.end;
  if (cursor.isSign('(')) end = passBrackets(cursor);
  else if (first.text.toLowerCase() === 'interval') end = passFields(cursor, end);
  else if (cursor.isSign('<') || cursor.isSign('<>')) end = passAngles(cursor);
  const text = cursor.text.slice(first.at, end);
  try {
    return parseType(text);
  } catch (thrown) {
    if (!(thrown instanceof MinisparkError) || thrown.kind !== 'user') throw thrown;
    throw cursor.wrong(first.at, `${text} is no type`, { condition: 'UNSUPPORTED_DATATYPE', hint: thrown.hint });
  }
}

/** `day to second`, `month`, after the word INTERVAL. */
function passFields(cursor: Cursor, end: number): number {
  if (cursor.peek().kind !== 'word') return end;
  const field = cursor.next();
  return cursor.skipWords('to') ? cursor.next().end : field.end;
}

function passBrackets(cursor: Cursor): number {
  while (!cursor.isSign(')')) {
    if (cursor.peek().kind === 'end') throw cursor.expected("')'");
    cursor.next();
  }
  return cursor.next().end;
}

/** `array<array<int>>` ends in what is one token elsewhere. */
function passAngles(cursor: Cursor): number {
  let depth = 0;
  for (;;) {
    const token = cursor.next();
    if (token.kind === 'end') throw cursor.expected("'>'");
    if (token.kind !== 'sign') continue;
    for (const sign of token.text) depth += sign === '<' ? 1 : sign === '>' ? -1 : 0;
    if (depth <= 0) return token.end;
  }
}
