/**
 * Owns: reading types and schemas from DDL text: `word string, n bigint not null, d decimal(10,2), a array<struct<x:int>>`.
 * Names of types are Spark's, in any case; names of fields may be quoted in backticks.
 */
import { userError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { DAY_TIME_FIELDS, type DayTimeField, fieldsText, YEAR_MONTH_FIELDS, type YearMonthField } from './interval.js';
import type { DataType, Field, Schema } from './types.js';
import * as types from './types.js';

/** A schema from DDL. Throws a user error INVALID_SCHEMA that shows where the text goes wrong. */
export function parseSchema(ddl: string): Schema {
  const parser = new DdlParser(ddl);
  const fields = parser.fields('end');
  parser.expectEnd();
  return { fields };
}

/** One type from its name, such as `decimal(10,2)` or `map<string,array<int>>`. Throws a user error INVALID_SCHEMA. */
export function parseType(text: string): DataType {
  const parser = new DdlParser(text);
  const type = parser.type();
  parser.expectEnd();
  return type;
}

const SIMPLE_TYPES: Readonly<Record<string, DataType>> = {
  void: types.NULL,
  boolean: types.BOOLEAN,
  tinyint: types.INT8,
  byte: types.INT8,
  smallint: types.INT16,
  short: types.INT16,
  int: types.INT32,
  integer: types.INT32,
  bigint: types.INT64,
  long: types.INT64,
  float: types.FLOAT32,
  real: types.FLOAT32,
  double: types.FLOAT64,
  string: types.STRING,
  binary: types.BINARY,
  date: types.DATE,
  timestamp: types.TIMESTAMP,
  timestamp_ltz: types.TIMESTAMP,
  timestamp_ntz: types.TIMESTAMP_NTZ,
};
const ALL_TYPES = [...Object.keys(SIMPLE_TYPES), 'decimal', 'interval', 'array', 'map', 'struct'];

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly at: number;
}

const TOKEN = /\s*(?:`((?:[^`]|``)+)`|([\p{L}\p{N}_]+)|([<>(),:]))/uy;

class DdlParser {
  private readonly text: string;
  private readonly tokens: Token[] = [];
  private position = 0;

  constructor(text: string) {
    this.text = text;
    let at = 0;
    while (text.slice(at).trim() !== '') {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (match === null) throw this.wrong(text.length - text.slice(at).trimStart().length, 'this is not part of a schema');
      const [whole, quoted, word, sign] = match;
      this.tokens.push({
        text: quoted?.replaceAll('``', '`') ?? word ?? sign,
        quoted: quoted !== undefined,
        at: at + whole.length - whole.trimStart().length,
      });
      at = TOKEN.lastIndex;
    }
  }

  /** Fields up to, but not past, the closing sign. */
  fields(until: '>' | 'end'): Field[] {
    const fields: Field[] = [];
    if (this.atEnd(until)) return fields;
    do fields.push(this.field());
    while (this.skip(','));
    return fields;
  }

  type(): DataType {
    const token = this.next('a type');
    const name = token.quoted ? '' : token.text.toLowerCase();
    if (Object.hasOwn(SIMPLE_TYPES, name)) return SIMPLE_TYPES[name];
    switch (name) {
      case 'decimal':
      case 'dec':
      case 'numeric':
        return this.decimal(token.at);
      case 'varchar':
      case 'char':
        this.expect('(');
        this.number('a length');
        this.expect(')');
        return types.STRING;
      case 'interval':
        return this.interval(token.at);
      case 'array':
        return types.arrayOf(this.between(() => this.type()));
      case 'map':
        return this.between(() => {
          const key = this.type();
          this.expect(',');
          return types.mapOf(key, this.type());
        });
      case 'struct':
        return types.structOf(this.between(() => this.fields('>')));
      default:
        throw this.wrong(
          token.at,
          `'${token.text}' is not a type`,
          didYouMean(token.text, ALL_TYPES) || `Types are ${ALL_TYPES.join(', ')}`,
        );
    }
  }

  expectEnd(): void {
    const token = this.tokens[this.position];
    if (token !== undefined) throw this.wrong(token.at, `expected a comma or the end, found '${token.text}'`);
  }

  private field(): Field {
    const name = this.next('a field name');
    if (!name.quoted && /^[<>(),:]$/.test(name.text)) throw this.wrong(name.at, `expected a field name, found '${name.text}'`);
    this.skip(':');
    const type = this.type();
    if (!this.skip('not')) return types.field(name.text, type);
    this.expect('null');
    return types.field(name.text, type, false);
  }

  private decimal(at: number): DataType {
    if (!this.skip('(')) return types.decimal(10, 0);
    const precision = this.number('a precision');
    const scale = this.skip(',') ? this.number('a scale') : 0;
    this.expect(')');
    if (precision < 1 || precision > 38 || scale > precision) {
      throw this.wrong(at, `decimal(${precision},${scale}) does not exist`, 'A precision is 1 to 38 and a scale 0 to the precision');
    }
    return types.decimal(precision, scale);
  }

  /** `day to second`, `month`, after the word interval. */
  private interval(at: number): DataType {
    const from = this.next('a field such as day').text.toLowerCase();
    const to = this.skip('to') ? this.next('a field such as second').text.toLowerCase() : from;
    const isOf = (fields: readonly string[]) => fields.includes(from) && fields.indexOf(to) >= fields.indexOf(from);
    if (isOf(DAY_TIME_FIELDS)) return types.dayTimeInterval(from as DayTimeField, to as DayTimeField);
    if (isOf(YEAR_MONTH_FIELDS)) return types.yearMonthInterval(from as YearMonthField, to as YearMonthField);
    throw this.wrong(
      at,
      `'interval ${fieldsText(from as DayTimeField, to as DayTimeField).toLowerCase()}' is not a type`,
      'Intervals go from day to second, or from year to month',
    );
  }

  private between<T>(read: () => T): T {
    this.expect('<');
    const result = read();
    this.expect('>');
    return result;
  }

  private number(wanted: string): number {
    const token = this.next(wanted);
    if (!/^\d{1,9}$/.test(token.text)) throw this.wrong(token.at, `expected ${wanted}, found '${token.text}'`);
    return Number(token.text);
  }

  private atEnd(until: '>' | 'end'): boolean {
    const token = this.tokens[this.position];
    return until === 'end' ? token === undefined : token?.text === '>' && !token.quoted;
  }

  private next(wanted: string): Token {
    const token = this.tokens[this.position++];
    if (token === undefined) throw this.wrong(this.text.length, `expected ${wanted}, found the end`);
    return token;
  }

  /** Whether the next token is this keyword or sign, which is then passed. */
  private skip(text: string): boolean {
    const token = this.tokens[this.position];
    if (token === undefined || token.quoted || token.text.toLowerCase() !== text) return false;
    this.position++;
    return true;
  }

  private expect(text: string): void {
    if (this.skip(text)) return;
    const token = this.tokens[this.position];
    throw this.wrong(token?.at ?? this.text.length, `expected '${text}', found ${token === undefined ? 'the end' : `'${token.text}'`}`);
  }

  private wrong(at: number, reason: string, hint = "A schema reads like 'word string, n bigint not null, d decimal(10,2)'") {
    return userError('INVALID_SCHEMA', `The schema is wrong at character ${at + 1}: ${reason}.\n  ${this.text}\n  ${' '.repeat(at)}^`, {
      hint,
    });
  }
}
