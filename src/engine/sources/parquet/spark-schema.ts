/**
 * Owns: the schema that Spark leaves in a Parquet file's footer as JSON. Parquet has no intervals: they are plain integers to it, and only this
 * text says what they are. It is written for schemas that hold intervals, and read for them alone.
 */
import { parseType } from '../../../data/schema-parse.js';
import { type DataType, isInterval, type Schema, typeName } from '../../../data/types.js';
import type { Node } from './schema.js';

/** The key of the footer's metadata that Spark writes. */
export const SPARK_SCHEMA = 'org.apache.spark.sql.parquet.row.metadata';

type Json = string | { readonly [name: string]: unknown };

const NAMES: Readonly<Record<string, string>> = { int8: 'byte', int16: 'short', int32: 'integer', int64: 'long', null: 'void' };

function jsonType(type: DataType): Json {
  switch (type.kind) {
    case 'array':
      return { type: 'array', elementType: jsonType(type.element), containsNull: type.containsNull };
    case 'map':
      return { type: 'map', keyType: jsonType(type.key), valueType: jsonType(type.value), valueContainsNull: type.valueContainsNull };
    case 'struct':
      return jsonStruct(type);
    default:
      return NAMES[type.kind] ?? typeName(type);
  }
}

const jsonStruct = ({ fields }: Schema): Json => ({
  type: 'struct',
  fields: fields.map((f) => ({ name: f.name, type: jsonType(f.type), nullable: f.nullable, metadata: {} })),
});

function holdsInterval(type: DataType): boolean {
  switch (type.kind) {
    case 'array':
      return holdsInterval(type.element);
    case 'map':
      return holdsInterval(type.key) || holdsInterval(type.value);
    case 'struct':
      return type.fields.some((f) => holdsInterval(f.type));
    default:
      return isInterval(type);
  }
}

/** The text for a schema; null where Parquet's own types say all. */
export function sparkSchemaText(schema: Schema): string | null {
  return schema.fields.some((f) => holdsInterval(f.type)) ? JSON.stringify(jsonStruct(schema)) : null;
}

/** The columns with the intervals that the text knows of; as they are where there is no text or it is of another schema. */
export function withIntervals(nodes: readonly Node[], text: string | null): readonly Node[] {
  if (text === null || !text.includes('"interval ')) return nodes;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Another writer's business under Spark's key: the columns are integers then.
    return nodes;
  }
  return nodes.map((node) => retyped(node, memberOf(json, node.name)));
}

function memberOf(json: unknown, name: string): unknown {
  const { fields } = (json ?? {}) as { readonly fields?: readonly { readonly name?: unknown; readonly type?: unknown }[] };
  return Array.isArray(fields) ? fields.find((f) => f?.name === name)?.type : undefined;
}

function retyped(node: Node, json: unknown): Node {
  const parts = (json ?? {}) as { readonly [name: string]: unknown };
  switch (node.kind) {
    case 'leaf': {
      const type = typeof json === 'string' && json.startsWith('interval ') ? intervalOf(json) : null;
      const fits = type !== null && node.type.kind === (type.kind === 'day_time_interval' ? 'int64' : 'int32');
      return fits ? { ...node, type } : node;
    }
    case 'list': {
      const element = retyped(node.element, parts.elementType);
      return { ...node, element, type: { ...(node.type as DataType & { kind: 'array' }), element: element.type } };
    }
    case 'map': {
      const [key, value] = [retyped(node.key, parts.keyType), retyped(node.value, parts.valueType)];
      return { ...node, key, value, type: { ...(node.type as DataType & { kind: 'map' }), key: key.type, value: value.type } };
    }
    case 'struct': {
      const children = node.children.map((child) => retyped(child, memberOf(json, child.name)));
      const { fields } = node.type as DataType & { kind: 'struct' };
      return { ...node, children, type: { kind: 'struct', fields: fields.map((f, i) => ({ ...f, type: children[i].type })) } };
    }
    default:
      return node satisfies never;
  }
}

function intervalOf(name: string): DataType | null {
  try {
    return parseType(name);
  } catch {
    return null;
  }
}
