/**
 * Owns: `hash` (Spark's Murmur3, seed 42, the same that decides shuffle partitions), `xxhash64`, and digests of bytes.
 * Null leaves the seed as it is; keys chain; nested values hash their parts one after the other.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { userError } from '../../core/errors.js';
import { hashBytes, hashInt, hashLong } from '../../data/hash.js';
import { BINARY, type DataType, INT32, INT64, STRING, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import type { ScalarFunction } from './definition.js';
import { scalar } from './scalar.js';
import { type Accept, checkCount, INT } from './signature.js';
import { xxHashBytes, xxHashInt, xxHashLong } from './xxhash64.js';

interface Hasher<S> {
  int(value: number, seed: S): S;
  long(value: bigint, seed: S): S;
  bytes(data: Uint8Array, seed: S): S;
}

const murmur: Hasher<number> = {
  int: hashInt,
  long: (value, seed) => hashLong(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)), seed),
  bytes: (data, seed) => hashBytes(data, 0, data.length, seed),
};

const xxHash: Hasher<bigint> = { int: xxHashInt, long: xxHashLong, bytes: xxHashBytes };

const lanes = new DataView(new ArrayBuffer(8));

function hashValue<S>(hasher: Hasher<S>, value: EngineValue | null, type: DataType, seed: S): S {
  if (value === null) return seed;
  switch (type.kind) {
    case 'null':
      return seed;
    case 'boolean':
      return hasher.int(value ? 1 : 0, seed);
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'year_month_interval':
      return hasher.int(value as number, seed);
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'day_time_interval':
      return hasher.long(value as bigint, seed);
    case 'float32':
      lanes.setFloat32(0, (value as number) + 0);
      return hasher.int(lanes.getInt32(0), seed);
    case 'float64':
      lanes.setFloat64(0, (value as number) + 0);
      return hasher.long(lanes.getBigInt64(0), seed);
    case 'decimal':
      return type.precision <= 18 ? hasher.long(value as bigint, seed) : hasher.bytes(bigEndian(value as bigint), seed);
    case 'string':
      return hasher.bytes(Buffer.from(value as string, 'utf8'), seed);
    case 'binary':
      return hasher.bytes(value as Uint8Array, seed);
    case 'array':
      return (value as readonly EngineValue[]).reduce<S>((hash, item) => hashValue(hasher, item, type.element, hash), seed);
    case 'struct':
      return (value as readonly EngineValue[]).reduce<S>((hash, item, i) => hashValue(hasher, item, type.fields[i].type, hash), seed);
    case 'map':
      return (value as readonly (readonly EngineValue[])[]).reduce<S>(
        (hash, [k, v]) => hashValue(hasher, v, type.value, hashValue(hasher, k, type.key, hash)),
        seed,
      );
    default:
      return type satisfies never;
  }
}

/** Java's BigInteger.toByteArray: the shortest two's complement, big-endian. */
function bigEndian(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(8 * length, value) !== value) length++;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[length - 1 - i] = Number((value >> BigInt(8 * i)) & 255n);
  return bytes;
}

function holdsMap(type: DataType): boolean {
  if (type.kind === 'array') return holdsMap(type.element);
  return type.kind === 'map' || (type.kind === 'struct' && type.fields.some((field) => holdsMap(field.type)));
}

const hashing = <S extends EngineValue>(name: string, hasher: Hasher<S>, seed: S, result: DataType): ScalarFunction => ({
  kind: 'scalar',
  name,
  nulls: 'custom',
  resolve: (args) => {
    checkCount(name, args.length, 1, Number.POSITIVE_INFINITY);
    const map = args.find(({ type }) => holdsMap(type));
    if (map !== undefined) {
      throw userError(
        'DATATYPE_MISMATCH.HASH_MAP_TYPE',
        `Maps have no order of their entries, so ${name}() takes none: ${typeName(map.type)}.`,
        {
          hint: `Give ${name}(map_entries(…)) where the order is that of the map`,
        },
      );
    }
    return { args: args.map((arg) => arg.type), result, nullable: false };
  },
  evaluator:
    ({ args }) =>
    (...values) =>
      values.reduce<S>((hash, value, i) => hashValue(hasher, value, args[i].type, hash), seed),
});

const BYTES: Accept = { label: 'binary or string', cast: (type) => (['string', 'binary', 'null'].includes(type.kind) ? BINARY : null) };

const digest = (name: string, algorithm: string): ScalarFunction =>
  scalar(name, [BYTES], STRING, (data: Uint8Array) => createHash(algorithm).update(data).digest('hex'));

function sha2(data: Uint8Array, bits: number): string | null {
  if (![0, 224, 256, 384, 512].includes(bits)) return null;
  return createHash(`sha${bits === 0 ? 256 : bits}`)
    .update(data)
    .digest('hex');
}

export const HASHING: readonly ScalarFunction[] = [
  hashing('hash', murmur, 42, INT32),
  hashing('xxhash64', xxHash, 42n, INT64),
  digest('md5', 'md5'),
  digest('sha1', 'sha1'),
  scalar('sha2', [BYTES, INT], STRING, sha2, { nullable: true }),
  scalar('crc32', [BYTES], INT64, (data: Uint8Array) => BigInt(crc32(data))),
];
