/**
 * Owns: groups of rows whose keys are all dictionary codes: found by an index into a small table of the codes' combinations, so that the
 * keys themselves are looked at once a combination.
 */
import { allocInt32 } from '../../data/alloc.js';
import type { Column } from '../../data/batch.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { BoundExpr } from '../../frontend/plan/resolved.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import { type Entry, entriesOf } from '../codegen/entries.js';
import { emitExpr, type Row } from '../codegen/expression.js';
import type { FindClosure } from '../codegen/user-function.js';

const MOST_COMBINATIONS = 4096;
/** Of a single key: its dictionary is smaller than what it serves, and so is the table. */
const MOST_ENTRIES = 65536;

export class CodeGroups {
  private dictionaries: readonly Column[] = [];
  private groups: Int32Array = allocInt32(0);

  /** Group by combination of codes, the last key's fastest; -1 where it is not known. Null where there are too many combinations. */
  table(...dictionaries: readonly Column[]): Int32Array | null {
    if (this.dictionaries.length > 0 && dictionaries.every((d, i) => d === this.dictionaries[i])) return this.groups;
    const size = dictionaries.reduce((product, d) => product * d.length, 1);
    if (size > (dictionaries.length === 1 ? MOST_ENTRIES : MOST_COMBINATIONS)) return null;
    this.dictionaries = dictionaries;
    this.groups = this.groups.length === size ? this.groups.fill(-1) : allocInt32(size).fill(-1);
    return this.groups;
  }

  /** The groups are others from now on. */
  clear(): void {
    this.dictionaries = [];
  }
}

/** The dictionary codes that all keys together follow from, each once; null where there is a key that follows from something else. */
export function keyEntries(emit: CodeEmitter, keys: readonly BoundExpr[], row: Row, closures: FindClosure): readonly Entry[] | null {
  const found = new Set<Entry>();
  for (const key of keys) {
    const entries = entriesOf(key, row) ?? ownEntry(emitExpr(emit, key, row, closures));
    if (entries === null) return null;
    for (const entry of entries) found.add(entry);
  }
  return found.size === 0 ? null : [...found];
}

/** Of a column that a join has added, say. */
const ownEntry = ({ entry, isNull }: Value): readonly Entry[] | null => (entry ? [{ ...entry, isNull }] : null);

/**
 * Emits the group of the keys: what `insert` emits, but for combinations of codes that are known already, and for a number that is that of
 * the row before, as in files that lie in the order of the key. `values` emits the keys. Returns the variable's name.
 */
export function emitKnownGroup(
  emit: CodeEmitter,
  { groups, entries }: { readonly groups: CodeGroups; readonly entries: readonly Entry[] | null },
  values: () => readonly Value[],
  insert: (keys: readonly Value[]) => string,
): string {
  if (entries !== null) return emitByCode(emit, groups, entries, () => insert(values()));
  const keys = values();
  const [key] = keys;
  return keys.length === 1 && key.rep === 'int' && key.isNull === 'false'
    ? emitAfterEqual(emit, key.code, () => insert(keys))
    : insert(keys);
}

function emitAfterEqual(emit: CodeEmitter, key: string, insert: () => string): string {
  const last = emit.fresh('lastKey');
  const group = emit.fresh('group');
  emit.prologue(`let ${last} = NaN, ${group} = -1;`);
  emit.branch(`${key} !== ${last}`, () => {
    emit.line(`${group} = ${insert()};`);
    emit.line(`${last} = ${key};`);
  });
  return group;
}

function emitByCode(emit: CodeEmitter, known: CodeGroups, entries: readonly Entry[], insert: () => string): string {
  const table = emit.hoist('byCode', `${emit.constant('codeGroups', known)}.table(${entries.map((e) => e.dictionary).join(', ')})`);
  const index = entries.map((e) => e.code).reduce((outer, code, k) => `(${outer}) * ${entries[k].dictionary}.length + ${code}`);
  const present = [`${table} !== null`, ...entries.filter((e) => e.isNull !== 'false').map((e) => `!(${e.isNull})`)].join(' && ');
  const combination = emit.let('combination', `${present} ? ${index} : -1`);
  const group = emit.fresh('group');
  emit.line(`let ${group} = ${combination} < 0 ? -1 : ${table}[${combination}];`);
  emit.branch(`${group} < 0`, () => {
    emit.line(`${group} = ${insert()};`);
    emit.line(`if (${combination} >= 0) ${table}[${combination}] = ${group};`);
  });
  return group;
}
