/**
 * Owns: Parquet schemas as ours: a tree of nodes with their types and levels. A definition level says how many optional or repeated
 * ancestors are there, a repetition level at which list a new element begins (Dremel; parquet-format's README).
 */
import {
  arrayOf,
  BINARY,
  BOOLEAN,
  DATE,
  type DataType,
  decimal,
  type Field,
  FLOAT32,
  FLOAT64,
  field,
  INT8,
  INT16,
  INT32,
  INT64,
  mapOf,
  type Schema,
  STRING,
  structOf,
  TIMESTAMP,
  TIMESTAMP_NTZ,
} from '../../../data/types.js';
import type { Footer, Physical, SchemaElement, Thrift } from './footer.js';
import { withIntervals } from './spark-schema.js';

/** Microseconds per unit of a timestamp is a thousand, one, or a thousandth. */
export type TimeUnit = 'millis' | 'micros' | 'nanos';

export interface Leaf {
  /** Place among the chunks of a row group. */
  readonly index: number;
  readonly physical: Physical;
  readonly typeLength: number;
  readonly unit: TimeUnit;
  readonly unsigned: boolean;
  readonly maxDef: number;
  readonly maxRep: number;
}

/** `def` is the level from which on the node is not null. */
export type Node = { readonly name: string; readonly type: DataType; readonly nullable: boolean; readonly def: number } & (
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'struct'; readonly children: readonly Node[] }
  /** `rep` is the level at which a further element begins, `elementDef` the level from which on there is an element. */
  | { readonly kind: 'list'; readonly rep: number; readonly elementDef: number; readonly element: Node }
  | { readonly kind: 'map'; readonly rep: number; readonly elementDef: number; readonly key: Node; readonly value: Node }
);

/** The top-level columns of a file. */
export function nodesOf(footer: Footer): readonly Node[] {
  const walk = new TreeWalk(footer.elements);
  return withIntervals(walk.children(footer.elements[0].children, { def: 0, rep: 0 }), footer.sparkSchema);
}

export function schemaOfNodes(nodes: readonly Node[]): Schema {
  return { fields: nodes.map(fieldOf) };
}

/** Columns are nullable, as Spark has them, whatever the file says. */
const fieldOf = (node: Node): Field => field(node.name, node.type, true);

/** The leaf that comes first below a node. */
export function firstLeaf(node: Node): Leaf {
  switch (node.kind) {
    case 'leaf':
      return node.leaf;
    case 'struct':
      return firstLeaf(node.children[0]);
    case 'list':
      return firstLeaf(node.element);
    case 'map':
      return firstLeaf(node.key);
    default:
      return node satisfies never;
  }
}

interface Levels {
  readonly def: number;
  readonly rep: number;
}

const CONVERTED = { UTF8: 0, MAP: 1, MAP_KEY_VALUE: 2, LIST: 3, ENUM: 4, DECIMAL: 5, DATE: 6, JSON: 19 } as const;
const TIMESTAMP_MILLIS = 9;
const UINT_8 = 11;
const INT_8 = 15;

class TreeWalk {
  private readonly elements: readonly SchemaElement[];
  private at = 1;
  private leaves = 0;

  constructor(elements: readonly SchemaElement[]) {
    this.elements = elements;
  }

  children(count: number, outer: Levels): Node[] {
    return Array.from({ length: count }, () => this.node(outer));
  }

  private node(outer: Levels): Node {
    const element = this.elements[this.at];
    if (element === undefined) throw new Error('the schema names more columns than it has');
    if (element.repetition !== 'repeated') return this.single(outer);
    // A repeated field that no list is written around is a list of its own, never null.
    const rep = outer.rep + 1;
    const inner = this.single({ def: outer.def + 1, rep });
    const type = arrayOf(inner.type, false);
    return { kind: 'list', name: inner.name, type, nullable: false, def: outer.def, rep, elementDef: outer.def + 1, element: inner };
  }

  /** The next element as one value; `outer` already counts its own repetition. */
  private single(outer: Levels): Node {
    const element = this.elements[this.at++];
    const nullable = element.repetition === 'optional';
    const def = outer.def + (nullable ? 1 : 0);
    const base = { name: element.name, nullable, def };
    if (element.physical !== null && element.children === 0) return this.leaf(element, element.physical, base, outer.rep);
    const levels = { def, rep: outer.rep };
    if (element.children === 1 && isList(element)) return this.list(base, levels);
    if (element.children === 1 && isMap(element)) return this.map(element, base, levels);
    const children = this.children(element.children, levels);
    if (children.length === 0) throw new Error(`the group '${element.name}' has no fields`);
    return { ...base, kind: 'struct', children, type: structOf(children.map(fieldOf)) };
  }

  private leaf(element: SchemaElement, physical: Physical, base: { name: string; nullable: boolean; def: number }, rep: number): Node {
    const { type, unit, unsigned } = leafType(element, physical);
    const leaf = { index: this.leaves++, physical, typeLength: element.typeLength, unit, unsigned, maxDef: base.def, maxRep: rep };
    return { ...base, kind: 'leaf', type, leaf };
  }

  /** LogicalTypes.md, "Lists", with its rules for files of older writers. */
  private list(base: { name: string; nullable: boolean; def: number }, outer: Levels): Node {
    const repeated = this.elements[this.at];
    const levels = { def: outer.def + 1, rep: outer.rep + 1 };
    const wrapped = repeated.children === 1 && repeated.name !== 'array' && repeated.name !== `${base.name}_tuple`;
    if (wrapped) this.at++;
    const element = wrapped ? this.node(levels) : this.single(levels);
    const type = arrayOf(element.type, element.nullable);
    return { ...base, kind: 'list', type, rep: levels.rep, elementDef: levels.def, element };
  }

  private map(element: SchemaElement, base: { name: string; nullable: boolean; def: number }, outer: Levels): Node {
    const repeated = this.elements[this.at++];
    if (repeated.children !== 2) throw new Error(`the map '${element.name}' has ${repeated.children} fields an entry`);
    const levels = { def: outer.def + 1, rep: outer.rep + 1 };
    const [key, value] = this.children(2, levels);
    const type = mapOf(key.type, value.type, value.nullable);
    return { ...base, kind: 'map', type, rep: levels.rep, elementDef: levels.def, key, value };
  }
}

const isList = (e: SchemaElement): boolean => e.converted === CONVERTED.LIST || e.logical?.field_3 !== undefined;
const isMap = (e: SchemaElement): boolean =>
  e.converted === CONVERTED.MAP || e.converted === CONVERTED.MAP_KEY_VALUE || e.logical?.field_2 !== undefined;

interface LeafType {
  readonly type: DataType;
  readonly unit: TimeUnit;
  readonly unsigned: boolean;
}

function leafType(e: SchemaElement, physical: Physical): LeafType {
  const plain = (type: DataType): LeafType => ({ type, unit: 'micros', unsigned: false });
  const logicalDecimal = e.logical?.field_5 as Thrift | undefined;
  if (e.converted === CONVERTED.DECIMAL || logicalDecimal !== undefined) {
    return plain(decimal(Number(logicalDecimal?.field_2 ?? e.precision), Number(logicalDecimal?.field_1 ?? e.scale)));
  }
  switch (physical) {
    case 'BOOLEAN':
      return plain(BOOLEAN);
    case 'FLOAT':
      return plain(FLOAT32);
    case 'DOUBLE':
      return plain(FLOAT64);
    case 'INT96':
      return plain(TIMESTAMP);
    case 'INT32':
      return e.converted === CONVERTED.DATE || e.logical?.field_6 !== undefined ? plain(DATE) : integerType(e, 32);
    case 'INT64':
      return timestampType(e) ?? integerType(e, 64);
    case 'BYTE_ARRAY': {
      const isText = [CONVERTED.UTF8, CONVERTED.ENUM, CONVERTED.JSON].some((c) => c === e.converted);
      const logicalText = e.logical !== null && ['field_1', 'field_4', 'field_12'].some((f) => Object.hasOwn(e.logical as Thrift, f));
      return plain(isText || logicalText ? STRING : BINARY);
    }
    case 'FIXED_LEN_BYTE_ARRAY':
      return plain(e.logical?.field_15 !== undefined ? FLOAT32 : BINARY);
    default:
      return physical satisfies never;
  }
}

function timestampType(e: SchemaElement): LeafType | null {
  const logical = e.logical?.field_8 as Thrift | undefined;
  if (logical !== undefined) {
    const units = logical.field_2 as Thrift;
    const unit = units.field_1 !== undefined ? 'millis' : units.field_2 !== undefined ? 'micros' : 'nanos';
    return { type: logical.field_1 === true ? TIMESTAMP : TIMESTAMP_NTZ, unit, unsigned: false };
  }
  if (e.converted !== TIMESTAMP_MILLIS && e.converted !== TIMESTAMP_MILLIS + 1) return null;
  return { type: TIMESTAMP, unit: e.converted === TIMESTAMP_MILLIS ? 'millis' : 'micros', unsigned: false };
}

/** Unsigned integers take the next wider type, as in Spark. */
function integerType(e: SchemaElement, physicalBits: 32 | 64): LeafType {
  const logical = e.logical?.field_10 as Thrift | undefined;
  let bits: number = physicalBits;
  let unsigned = false;
  if (logical !== undefined) {
    bits = Number(logical.field_1);
    unsigned = logical.field_2 === false;
  } else if (e.converted >= UINT_8 && e.converted < INT_8 + 4) {
    unsigned = e.converted < INT_8;
    bits = 8 << (e.converted - (unsigned ? UINT_8 : INT_8));
  }
  const signed: Record<number, DataType> = { 8: INT8, 16: INT16, 32: INT32, 64: INT64 };
  const wider: Record<number, DataType> = { 8: INT16, 16: INT32, 32: INT64, 64: decimal(20, 0) };
  return { type: (unsigned ? wider : signed)[bits], unit: 'micros', unsigned };
}
