/**
 * Owns: the tables of joins by integers of 32 bits: filled with all rows at once, looked up by code that stands in the generated loop.
 */
import { allocInt32 } from '../../data/alloc.js';
import { anyNull } from '../../frontend/functions/emit.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import type { JoinIndex } from './join-table.js';

/** Whether a key of this row is null. */
export type HasNull = (row: number) => boolean;

/** `heads[key - min]` is the first row + 1. */
export class DenseIndex implements JoinIndex {
  readonly heads: Int32Array;
  readonly min: number;
  private readonly keys: Int32Array;

  constructor(min: number, size: number, keys: Int32Array) {
    this.min = min;
    this.heads = allocInt32(size);
    this.keys = keys;
  }

  get byteSize(): number {
    return this.heads.byteLength;
  }

  /**
   * Takes rows in, the last first, so that each becomes the first of its key: `nexts[row]` is the one that was before. Rows with null keys are
   * left out. Gives whether any two rows share a key.
   */
  link(nexts: Int32Array, hasNull: HasNull | null): boolean {
    const { heads, keys, min } = this;
    let shared = 0;
    for (let row = nexts.length - 1; row >= 0; row--) {
      if (hasNull?.(row)) continue;
      const slot = keys[row] - min;
      const before = heads[slot];
      nexts[row] = before - 1;
      shared |= before;
      heads[slot] = row + 1;
    }
    return shared !== 0;
  }

  emitFirst(emit: CodeEmitter, keys: readonly Value[]): string {
    const self = emit.constant('index', this);
    const heads = emit.hoist('heads', `${self}.heads`);
    const [min, size] = [emit.hoist('min', `${self}.min`), emit.hoist('size', `${heads}.length`)];
    return emitGuarded(emit, keys, (first) => {
      const slot = emit.let('slot', `${numberOf(emit, keys[0])} - ${min}`);
      emit.line(`if (${slot} >= 0 && ${slot} < ${size}) ${first} = ${heads}[${slot}] - 1;`);
    });
  }
}

const SPREAD = -1640531527;
/** Keys that one slot may hold. */
export const MOST_PAIRED = 3;

/** Open addressing: a slot is the keys and row + 1, whose 0 marks it free; at most half of the slots are taken. */
export class TupleIndex implements JoinIndex {
  readonly slots: Int32Array;
  /** The top bits of the hash are the slot. */
  readonly shift: number;
  readonly mask: number;
  /** Numbers a slot, a power of two, as a shift. */
  private readonly stride: number;
  private readonly keys: readonly Int32Array[];

  constructor(keys: readonly Int32Array[], rows: number) {
    const bits = Math.max(4, 33 - Math.clz32(rows));
    this.keys = keys;
    this.shift = 32 - bits;
    this.mask = 2 ** bits - 1;
    this.stride = keys.length === 1 ? 1 : 2;
    this.slots = allocInt32(2 ** (bits + this.stride));
  }

  get byteSize(): number {
    return this.slots.byteLength;
  }

  /** As of DenseIndex. */
  link(nexts: Int32Array, hasNull: HasNull | null): boolean {
    const { slots, mask, stride, shift, keys } = this;
    const width = keys.length;
    const [a, b, c] = keys;
    let shared = 0;
    for (let row = nexts.length - 1; row >= 0; row--) {
      if (hasNull?.(row)) continue;
      let hash = Math.imul(a[row], SPREAD);
      if (width > 1) hash = mixed(hash, b[row]);
      if (width > 2) hash = mixed(hash, c[row]);
      let at = (hash >>> shift) << stride;
      let before = slots[at + width];
      while (
        before !== 0 &&
        !(slots[at] === a[row] && (width < 2 || slots[at + 1] === b[row]) && (width < 3 || slots[at + 2] === c[row]))
      ) {
        at = (((at >> stride) + 1) & mask) << stride;
        before = slots[at + width];
      }
      slots[at] = a[row];
      if (width > 1) slots[at + 1] = b[row];
      if (width > 2) slots[at + 2] = c[row];
      slots[at + width] = row + 1;
      nexts[row] = before - 1;
      shared |= before;
    }
    return shared !== 0;
  }

  emitFirst(emit: CodeEmitter, keys: readonly Value[]): string {
    const self = emit.constant('index', this);
    const [slots, mask, shift] = ['slots', 'mask', 'shift'].map((name) => emit.hoist(name, `${self}.${name}`));
    return emitGuarded(emit, keys, (first) => {
      const wanted = keys.map((key) => emit.let('key', numberOf(emit, key)));
      const [slot, at, taken] = [emit.fresh('slot'), emit.fresh('at'), emit.fresh('row')];
      let hash = emit.let('hash', `Math.imul(${wanted[0]}, ${SPREAD})`);
      for (const key of wanted.slice(1)) hash = emit.let('hash', `Math.imul(${hash} ^ (${hash} >>> 15) ^ ${key}, ${SPREAD})`);
      const equal = wanted.map((key, i) => `${slots}[${i === 0 ? at : `${at} + ${i}`}] === ${key}`).join(' && ');
      emit.line(`for (let ${slot} = ${hash} >>> ${shift}, ${at}, ${taken}; ; ${slot} = (${slot} + 1) & ${mask}) {`);
      emit.line(`  ${at} = ${slot} << ${this.stride};`);
      emit.line(`  if ((${taken} = ${slots}[${at} + ${keys.length}]) === 0) break;`);
      emit.line(`  if (${equal}) { ${first} = ${taken} - 1; break; }`);
      emit.line('}');
    });
  }
}

const mixed = (hash: number, key: number): number => Math.imul(hash ^ (hash >>> 15) ^ key, SPREAD);

/** `find` sets the variable that it is given, and runs only where no key is null. */
function emitGuarded(emit: CodeEmitter, keys: readonly Value[], find: (first: string) => void): string {
  const first = emit.fresh('first');
  emit.line(`let ${first} = -1;`);
  const isNull = anyNull(...keys.map((key) => key.isNull));
  if (isNull === 'false') emit.scope(() => find(first));
  else if (isNull !== 'true') emit.branch(`!(${isNull})`, () => find(first));
  return first;
}

/** An integer key as a number: what a double cannot hold is beyond every key of the index anyway. */
function numberOf(emit: CodeEmitter, key: Value): string {
  return key.rep === 'int' ? key.code : `Number(${emit.toBig(key).code})`;
}
