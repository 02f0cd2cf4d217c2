/** Owns: `from_csv to_csv`: one line of comma-separated text ↔ a struct. Fields that are no value of their type are null, as in Spark's permissive mode. */
import { userError } from '../../core/errors.js';
import { parseSchema } from '../../data/schema-text.js';
import { type DataType, STRING, structOf } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { type Zone, zoneOf } from '../../data/zone.js';
import { casterOf, textOf } from './cast-values.js';
import { formatPattern } from './datetime-pattern.js';
import type { ScalarFunction } from './definition.js';
import { castType, checkCount, holdsInstant, TEXT, wrongArgument } from './signature.js';

type StructType = Extract<DataType, { kind: 'struct' }>;

/** Fields of one line; in quotes a backslash or a second quote stands before a quote. An empty field without quotes is null. */
export function fieldsOf(line: string): (string | null)[] {
  const fields: (string | null)[] = [];
  const field = /(?:"((?:[^"\\]|\\[\s\S]|"")*)"|([^,]*))(?:,|$)/y;
  for (;;) {
    const match = field.exec(line);
    // A quote that does not close is text.
    if (match === null) return [...fields, line.slice(field.lastIndex)];
    fields.push(match[1] === undefined ? match[2] || null : match[1].replace(/\\(["\\])|""/g, (pair, escaped) => escaped ?? pair[0]));
    if (!match[0].endsWith(',')) return fields;
  }
}

const fromCsv: ScalarFunction = {
  kind: 'scalar',
  name: 'from_csv',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('from_csv', args.length, 2);
    const schema = args[1].literal;
    if (typeof schema !== 'string') {
      throw userError('INVALID_SCHEMA.NON_STRING_LITERAL', 'The schema of from_csv must be a constant string.', {
        hint: "Such as 'a int, b string'",
      });
    }
    return { args: [castType('from_csv', args[0], TEXT, 0), STRING], result: structOf(parseSchema(schema).fields), nullable: true };
  },
  zoned: (_, type) => holdsInstant(type),
  evaluator: ({ type, zone }) => {
    const named = zone === undefined ? null : zoneOf(zone);
    const readers = (type as StructType).fields.map((field) => casterOf(STRING, field.type, true, named));
    return (line) => {
      const fields = fieldsOf(line as string);
      return readers.map((read, i) => {
        const text = fields[i] ?? null;
        return text === null ? null : read(text);
      });
    };
  },
};

/** Null fields are empty; text is quoted where it would read as something else. */
function fieldText(value: EngineValue, type: DataType, zone: Zone | null): string {
  if (value === null) return '';
  if (type.kind === 'timestamp') return formatPattern(value as bigint, "yyyy-MM-dd'T'HH:mm:ss.SSSXXXXX", zone);
  if (type.kind === 'timestamp_ntz') return formatPattern(value as bigint, "yyyy-MM-dd'T'HH:mm:ss.SSS");
  const text = (textOf(type, zone) as (value: EngineValue) => string)(value);
  if (text === '') return '""';
  return /[",\r\n]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

const toCsv: ScalarFunction = {
  kind: 'scalar',
  name: 'to_csv',
  nulls: 'propagate',
  resolve: (args) => {
    checkCount('to_csv', args.length, 1);
    if (args[0].type.kind !== 'struct') throw wrongArgument('to_csv', 0, 'a struct', args[0].type);
    return { args: [args[0].type], result: STRING };
  },
  zoned: ([type]) => holdsInstant(type),
  evaluator: ({ args: [{ type }], zone }) => {
    const named = zone === undefined ? null : zoneOf(zone);
    const { fields } = type as StructType;
    return (row) => (row as readonly EngineValue[]).map((value, i) => fieldText(value, fields[i].type, named)).join(',');
  },
};

export const CSV: readonly ScalarFunction[] = [fromCsv, toCsv];
