/** Owns: schemas as text: the tree of printSchema() and the DDL form that users write. */
import type { DataType, Schema } from './types.js';

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
  return type.kind === 'decimal' ? `decimal(${type.precision},${type.scale})` : (TREE_NAMES[type.kind] ?? type.kind);
}
