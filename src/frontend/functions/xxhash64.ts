/** Owns: XXH64 over ints, longs and bytes, as Spark's xxhash64() chains it. Source: the xxHash specification; signed 64-bit in and out. */

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotate = (x: bigint, by: bigint): bigint => u64((x << by) | (x >> (64n - by)));
const round = (lane: bigint, input: bigint): bigint => u64(rotate(u64(lane + input * P2), 31n) * P1);

function avalanche(hash: bigint): bigint {
  let h = u64((hash ^ (hash >> 33n)) * P2);
  h = u64((h ^ (h >> 29n)) * P3);
  return BigInt.asIntN(64, h ^ (h >> 32n));
}

const mixInt = (hash: bigint, value: bigint): bigint => u64(rotate(hash ^ u64(value * P1), 23n) * P2 + P3);
const mixLong = (hash: bigint, value: bigint): bigint => u64(rotate(hash ^ round(0n, value), 27n) * P1 + P4);

export function xxHashInt(value: number, seed: bigint): bigint {
  return avalanche(mixInt(u64(seed + P5 + 4n), BigInt(value >>> 0)));
}

export function xxHashLong(value: bigint, seed: bigint): bigint {
  return avalanche(mixLong(u64(seed + P5 + 8n), u64(value)));
}

export function xxHashBytes(data: Uint8Array, seed: bigint): bigint {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let at = 0;
  let hash = u64(seed + P5);
  if (data.length >= 32) {
    const lanes = [u64(seed + P1 + P2), u64(seed + P2), u64(seed), u64(seed - P1)];
    for (; at <= data.length - 32; at += 32) for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i], view.getBigUint64(at + 8 * i, true));
    hash = u64(rotate(lanes[0], 1n) + rotate(lanes[1], 7n) + rotate(lanes[2], 12n) + rotate(lanes[3], 18n));
    for (const lane of lanes) hash = u64((hash ^ round(0n, lane)) * P1 + P4);
  }
  hash = u64(hash + BigInt(data.length));
  for (; at <= data.length - 8; at += 8) hash = mixLong(hash, view.getBigUint64(at, true));
  for (; at <= data.length - 4; at += 4) hash = mixInt(hash, BigInt(view.getUint32(at, true)));
  for (; at < data.length; at++) hash = u64(rotate(hash ^ u64(BigInt(data[at]) * P5), 11n) * P1);
  return avalanche(hash);
}
