/**
 * Owns: the tables of joins by integers of 32 bits: filled row by row, looked up by code that stands in the generated loop.
 */
import { allocInt32 } from '../../data/alloc.js';
import { anyNull } from '../../frontend/functions/emit.js';
import type { Value } from '../../frontend/functions/generator.js';
import type { CodeEmitter } from '../codegen/emitter.js';
import type { JoinIndex } from './join-table.js';

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

  /** Makes `row` the first of its key; gives the one that was, or -1. */
  put(row: number): number {
    const slot = this.keys[row] - this.min;
    const before = this.heads[slot] - 1;
    this.heads[slot] = row + 1;
    return before;
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
  put(row: number): number {
    const { slots, mask, stride, keys } = this;
    const [a, b, c] = keys;
    const width = keys.length;
    const ka = a[row];
    const kb = width > 1 ? b[row] : 0;
    const kc = width > 2 ? c[row] : 0;
    let hash = Math.imul(ka, SPREAD);
    if (width > 1) hash = mixed(hash, kb);
    if (width > 2) hash = mixed(hash, kc);
    let slot = hash >>> this.shift;
    for (; ; slot = (slot + 1) & mask) {
      const at = slot << stride;
      const before = slots[at + width] - 1;
      if (before >= 0) {
        if (slots[at] !== ka || (width > 1 && slots[at + 1] !== kb) || (width > 2 && slots[at + 2] !== kc)) continue;
      } else {
        slots[at] = ka;
        if (width > 1) slots[at + 1] = kb;
        if (width > 2) slots[at + 2] = kc;
      }
      slots[at + width] = row + 1;
      return before;
    }
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
