/** Owns: schemas as text: the tree of printSchema(), and DDL, which schema-parse.ts reads back. A schema is its own JSON form. */
import { type DataType, type Schema, typeName } from './types.js';

export { parseSchema, parseType } from './schema-parse.js';

/** What Spark's printSchema() prints, ending in a newline. */
export function schemaTree(schema: Schema): string {
  const lines = ['root'];
  for (const f of schema.fields) treeLines(f.name, f.type, `nullable = ${f.nullable}`, ' ', lines);
  return `${lines.join('\n')}\n`;
}

function treeLines(name: string, type: DataType, note: string, indent: string, lines: string[]): void {
  lines.push(`${indent}|-- ${name}: ${treeName(type)}${note === '' ? '' : ` (${note})`}`);
  const inner = `${indent}|    `;
  switch (type.kind) {
    case 'array':
      treeLines('element', type.element, `containsNull = ${type.containsNull}`, inner, lines);
      break;
    case 'map':
      treeLines('key', type.key, '', inner, lines);
      treeLines('value', type.value, `valueContainsNull = ${type.valueContainsNull}`, inner, lines);
      break;
    case 'struct':
      for (const f of type.fields) treeLines(f.name, f.type, `nullable = ${f.nullable}`, inner, lines);
  }
}

const TREE_NAMES: Partial<Record<DataType['kind'], string>> = {
  null: 'void',
  int8: 'byte',
  int16: 'short',
  int32: 'integer',
  int64: 'long',
  float32: 'float',
  float64: 'double',
};

function treeName(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
    case 'day_time_interval':
    case 'year_month_interval':
      return typeName(type);
    default:
      return TREE_NAMES[type.kind] ?? type.kind;
  }
}

/** The schema as DDL, which `parseSchema` reads back: `word string, n bigint not null`. */
export function schemaDdl(schema: Schema): string {
  return schema.fields.map((f) => `${quoteName(f.name)} ${ddlType(f.type)}${f.nullable ? '' : ' not null'}`).join(', ');
}

function ddlType(type: DataType): string {
  switch (type.kind) {
    case 'array':
      return `array<${ddlType(type.element)}>`;
    case 'map':
      return `map<${ddlType(type.key)},${ddlType(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((f) => `${quoteName(f.name)}:${ddlType(f.type)}${f.nullable ? '' : ' not null'}`).join(',')}>`;
    default:
      return typeName(type);
  }
}

/** A name in backticks where it is not a plain word. */
function quoteName(name: string): string {
  return /^[\p{L}\p{N}_]+$/u.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}
