/**
 * Owns: columns with nulls and nesting from values and levels (Dremel). A slot of a node is one row of its column: it exists for every entry
 * that begins a new row or element at the node's enclosing list.
 */
import { allocBytes, allocInt32 } from '../../../data/alloc.js';
import type { Column, Validity } from '../../../data/batch.js';
import { take } from '../../../data/take.js';
import type { Leaf, Node } from './schema.js';
import { firstLeaf } from './schema.js';

/** All entries of one leaf: levels (null: none, or all the highest) and the values that are not null. */
export interface LeafEntries {
  readonly entries: number;
  readonly def: Uint8Array | null;
  readonly rep: Uint8Array | null;
  readonly values: Column;
}

/** A flat column: null where the level is below the highest. */
export function withNulls(def: Uint8Array | null, maxDef: number, entries: number, values: Column): Column {
  if (def === null) return values;
  const rows = allocInt32(entries);
  for (let i = 0, k = 0; i < entries; i++) rows[i] = def[i] === maxDef ? k++ : -1;
  return spread(values, rows);
}

/** `take` where -1 makes null; dictionary codes are spread, not looked up. */
function spread(values: Column, rows: Int32Array): Column {
  if (values.layout !== 'dictionary') return take(values, rows, rows.length);
  const codes = allocInt32(rows.length);
  const validity = allocBytes((rows.length + 7) >> 3);
  for (let i = 0; i < rows.length; i++) {
    if (rows[i] < 0) continue;
    codes[i] = values.codes[rows[i]];
    validity[i >> 3] |= 1 << (i & 7);
  }
  return { layout: 'dictionary', length: rows.length, validity, codes, dictionary: values.dictionary };
}

/** The column of a top-level node. */
export function assemble(node: Node, entriesOf: (leaf: Leaf) => LeafEntries): Column {
  return column(node, { rep: 0, def: 0 }, entriesOf);
}

/** Of the enclosing list: at which repetition level a slot begins, from which definition level on there is one. */
interface Enclosing {
  readonly rep: number;
  readonly def: number;
}

function column(node: Node, outer: Enclosing, entriesOf: (leaf: Leaf) => LeafEntries): Column {
  const levels = entriesOf(firstLeaf(node));
  switch (node.kind) {
    case 'leaf':
      return leafColumn(node.leaf, levels, outer);
    case 'struct': {
      const { validity, length } = slots(levels, outer, node.def);
      return { layout: 'struct', length, validity, children: node.children.map((child) => column(child, outer, entriesOf)) };
    }
    case 'list': {
      const { validity, length } = slots(levels, outer, node.def);
      const inner = { rep: node.rep, def: node.elementDef };
      return {
        layout: 'list',
        length,
        validity,
        offsets: offsets(levels, outer, inner, length),
        child: column(node.element, inner, entriesOf),
      };
    }
    case 'map': {
      const { validity, length } = slots(levels, outer, node.def);
      const inner = { rep: node.rep, def: node.elementDef };
      const keys = column(node.key, inner, entriesOf);
      const values = column(node.value, inner, entriesOf);
      return { layout: 'map', length, validity, offsets: offsets(levels, outer, inner, length), keys, values };
    }
    default:
      return node satisfies never;
  }
}

function leafColumn({ maxDef }: Leaf, { entries, def, rep, values }: LeafEntries, outer: Enclosing): Column {
  if (def === null) return values;
  const rows = allocInt32(entries);
  let length = 0;
  let value = 0;
  for (let i = 0; i < entries; i++) {
    if (!begins(def, rep, i, outer)) continue;
    rows[length++] = def[i] === maxDef ? value++ : -1;
  }
  if (value === length && length === values.length) return values;
  return spread(values, rows.subarray(0, length));
}

const begins = (def: Uint8Array | null, rep: Uint8Array | null, i: number, { rep: mostRep, def: leastDef }: Enclosing): boolean =>
  (rep === null || rep[i] <= mostRep) && (def === null || def[i] >= leastDef);

function slots({ entries, def, rep }: LeafEntries, outer: Enclosing, nodeDef: number): { validity: Validity; length: number } {
  const bits = allocBytes((entries + 7) >> 3);
  let length = 0;
  let nulls = 0;
  for (let i = 0; i < entries; i++) {
    if (!begins(def, rep, i, outer)) continue;
    if (def === null || def[i] >= nodeDef) bits[length >> 3] |= 1 << (length & 7);
    else nulls++;
    length++;
  }
  return { length, validity: nulls === 0 ? null : bits.subarray(0, (length + 7) >> 3) };
}

/** Where the elements of each slot begin among those of the list. */
function offsets({ entries, def, rep }: LeafEntries, outer: Enclosing, inner: Enclosing, length: number): Int32Array {
  const out = allocInt32(length + 1);
  let slot = 0;
  let elements = 0;
  for (let i = 0; i < entries; i++) {
    if (begins(def, rep, i, outer)) out[slot++] = elements;
    if (begins(def, rep, i, inner)) elements++;
  }
  out[length] = elements;
  return out;
}
