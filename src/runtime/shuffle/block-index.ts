/**
 * Owns: the index file beside a data file of shuffle blocks: which worker wrote it, how its files lie, and offset, length, rows and CRC-32 of each block.
 * Layout, little-endian: a header of 128 bytes, then 32 bytes a partition. The header ends in the CRC-32 of all the rest, since an index is read whole.
 */
import { crc32 } from 'node:zlib';
import { SHUFFLE_WRITERS } from '../../core/config.js';
import { retryableError } from '../../core/errors.js';
import { codeOf, type FileLayout } from './file-layout.js';

/** The map output that a pair of files holds. */
export interface MapIdentity {
  readonly worker: string;
  readonly shuffle: number;
  readonly map: number;
  readonly attempt: number;
}

/** Where a block lies in its data file, in bytes. An empty partition has length and rows 0. */
export interface BlockEntry {
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
  readonly crc: number;
}

const MAGIC = 'MSBLOCKS';
const VERSION = 3;
const HEADER_BYTES = 128;
const ENTRY_BYTES = 32;
const WORKER_AT = 32;
const WORKER_BYTES = 64;
const WRITER_AT = 96;
const SLOT_AT = 100;
const CRC_AT = HEADER_BYTES - 4;

/** The bytes of an index file. */
export function encodeIndex(identity: MapIdentity, layout: FileLayout, entries: readonly BlockEntry[]): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + entries.length * ENTRY_BYTES);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(entries.length, 12);
  bytes.writeUInt32LE(identity.shuffle, 16);
  bytes.writeUInt32LE(identity.map, 20);
  bytes.writeUInt32LE(identity.attempt, 24);
  const worker = Buffer.from(identity.worker).subarray(0, WORKER_BYTES);
  bytes.writeUInt32LE(worker.length, 28);
  worker.copy(bytes, WORKER_AT);
  bytes.writeUInt32LE(codeOf(layout.writer), WRITER_AT);
  bytes.writeUInt32LE(layout.slot, SLOT_AT);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let at = HEADER_BYTES >> 2;
  for (const { offset, length, rows, crc } of entries) {
    setLong(words, at, offset);
    setLong(words, at + 2, length);
    setLong(words, at + 4, rows);
    words[at + 6] = crc;
    at += ENTRY_BYTES >> 2;
  }
  bytes.writeUInt32LE(checksum(bytes), CRC_AT);
  return bytes;
}

function checksum(bytes: Buffer): number {
  return crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(0, CRC_AT)));
}

const TWO_32 = 2 ** 32;

/** 64 bits of a number below 2^53, without a BigInt. */
function setLong(words: Uint32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = Math.floor(value / TWO_32);
}

function readLong(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * TWO_32;
}

/** An index file that was read whole. Its constructor throws BLOCK_CORRUPT where the checksum or the size is off, `entry` for a partition that is not there. */
export class BlockIndex {
  readonly identity: MapIdentity;
  readonly layout: FileLayout;
  readonly partitions: number;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) throw corrupt('it is no index of shuffle blocks');
    const version = bytes.readUInt32LE(8);
    if (version !== VERSION) throw corrupt(`its version is ${version}, not ${VERSION}`);
    this.partitions = bytes.readUInt32LE(12);
    if (bytes.length !== HEADER_BYTES + this.partitions * ENTRY_BYTES) throw corrupt('its size does not fit its number of partitions');
    if (checksum(bytes) !== bytes.readUInt32LE(CRC_AT)) throw corrupt('its checksum is off');
    const worker = bytes.toString('utf8', WORKER_AT, WORKER_AT + Math.min(WORKER_BYTES, bytes.readUInt32LE(28)));
    this.identity = { worker, shuffle: bytes.readUInt32LE(16), map: bytes.readUInt32LE(20), attempt: bytes.readUInt32LE(24) };
    const writer = SHUFFLE_WRITERS[bytes.readUInt32LE(WRITER_AT)];
    if (writer === undefined) throw corrupt('it names no writer that is known');
    this.layout = { writer, slot: bytes.readUInt32LE(SLOT_AT) };
    this.bytes = bytes;
  }

  get byteLength(): number {
    return this.bytes.length;
  }

  entry(partition: number): BlockEntry {
    if (!(partition >= 0 && partition < this.partitions))
      throw corrupt(`it has ${this.partitions} partitions and no partition ${partition}`);
    const at = HEADER_BYTES + partition * ENTRY_BYTES;
    const { bytes } = this;
    return {
      offset: readLong(bytes, at),
      length: readLong(bytes, at + 8),
      rows: readLong(bytes, at + 16),
      crc: bytes.readUInt32LE(at + 24),
    };
  }
}

function corrupt(why: string) {
  return retryableError('BLOCK_CORRUPT', `A shuffle index cannot be read: ${why}.`);
}
