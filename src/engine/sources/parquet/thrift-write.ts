/** Owns: writing Thrift's compact protocol, as far as Parquet metadata needs it: no negative numbers, no maps. */

export type ThriftValue =
  | { readonly t: 'i32' | 'i64'; readonly v: number }
  | { readonly t: 'bool'; readonly v: boolean }
  | { readonly t: 'binary'; readonly v: Uint8Array }
  /** All of one kind. */
  | { readonly t: 'list'; readonly of: 'i32' | 'binary' | 'struct'; readonly v: readonly ThriftValue[] }
  | { readonly t: 'struct'; readonly v: ThriftFields };

/** Values by field number; null leaves a field out. */
export type ThriftFields = Readonly<Record<number, ThriftValue | null>>;

export const i32 = (v: number): ThriftValue => ({ t: 'i32', v });
export const i64 = (v: number): ThriftValue => ({ t: 'i64', v });
export const bool = (v: boolean): ThriftValue => ({ t: 'bool', v });
export const binary = (v: Uint8Array | string): ThriftValue => ({ t: 'binary', v: typeof v === 'string' ? Buffer.from(v) : v });
export const struct = (v: ThriftFields): ThriftValue => ({ t: 'struct', v });
export const structs = (v: readonly ThriftFields[]): ThriftValue => ({ t: 'list', of: 'struct', v: v.map(struct) });

const WIRE = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const TRUE = 1;
const FALSE = 2;

export function thriftBytes(fields: ThriftFields): Uint8Array {
  const out: number[] = [];
  writeStruct(fields, out);
  return Uint8Array.from(out);
}

function writeStruct(fields: ThriftFields, out: number[]): void {
  let last = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue;
    const id = Number(name);
    const wire = value.t === 'bool' ? (value.v ? TRUE : FALSE) : WIRE[value.t];
    // Field numbers ascend by less than 16 in everything Parquet has.
    out.push(((id - last) << 4) | wire);
    last = id;
    if (value.t !== 'bool') writeValue(value, out);
  }
  out.push(0);
}

function writeValue(value: ThriftValue, out: number[]): void {
  switch (value.t) {
    case 'i32':
    case 'i64':
      // Zigzag: 0, -1, 1, -2, … in the order of the naturals.
      writeVarint(value.v < 0 ? -2 * value.v - 1 : 2 * value.v, out);
      break;
    case 'bool':
      out.push(value.v ? TRUE : FALSE);
      break;
    case 'binary':
      writeVarint(value.v.length, out);
      for (const byte of value.v) out.push(byte);
      break;
    case 'list':
      if (value.v.length < 15) out.push((value.v.length << 4) | WIRE[value.of]);
      else {
        out.push(0xf0 | WIRE[value.of]);
        writeVarint(value.v.length, out);
      }
      for (const item of value.v) writeValue(item, out);
      break;
    case 'struct':
      writeStruct(value.v, out);
      break;
    default:
      value satisfies never;
  }
}

function writeVarint(value: number, out: number[]): void {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
}
