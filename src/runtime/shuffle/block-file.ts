/**
 * Owns: writing the pair of files of one map output: blocks one after the other into the data file, then the index.
 * Both appear under their names by rename, the index last: where it is present, the output is whole.
 */
import { closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { diskError } from '../../core/disk-errors.js';
import { type BlockEntry, encodeIndex, type MapIdentity } from './block-index.js';
import { type FileLayout, indexPath } from './file-layout.js';

const STAGING_BYTES = 1 << 20;
/** Parts of this size go to the file by themselves; smaller ones are worth a copy that saves a system call. */
const DIRECT_BYTES = 128 << 10;

/** The buffer of the file that was closed last: most tasks write one file after the other. */
let spare: Buffer | null = null;

/** A file that is only appended to, through one staging buffer. Throws what `attemptWrite` does. */
export class AppendFile {
  readonly path: string;
  /** Bytes appended so far. */
  size = 0;
  private readonly staging: Buffer;
  private staged = 0;
  private checked = 0;
  private crc = 0;
  private fd: number;

  constructor(path: string) {
    this.path = path;
    this.fd = attemptWrite(path, () => openSync(path, 'w+', 0o600));
    this.staging = spare ?? Buffer.allocUnsafeSlow(STAGING_BYTES);
    spare = null;
  }

  append(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (bytes.length >= DIRECT_BYTES) {
      this.flush();
      this.crc = crc32(bytes, this.crc);
      this.write(bytes);
      return;
    }
    if (this.staged + bytes.length > STAGING_BYTES) this.flush();
    this.staging.set(bytes, this.staged);
    this.staged += bytes.length;
  }

  /** CRC-32 of what was appended since the last call. */
  takeCrc(): number {
    this.check();
    const { crc } = this;
    this.crc = 0;
    return crc;
  }

  /** Writes out what is staged; gives the descriptor for reading back. */
  flush(): number {
    this.check();
    this.write(this.staging.subarray(0, this.staged));
    this.staged = 0;
    this.checked = 0;
    return this.fd;
  }

  close(): void {
    if (this.fd < 0) return;
    closeSync(this.fd);
    this.fd = -1;
    spare = this.staging;
  }

  private check(): void {
    if (this.staged > this.checked) this.crc = crc32(this.staging.subarray(this.checked, this.staged), this.crc);
    this.checked = this.staged;
  }

  private write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      done += attemptWrite(this.path, () => writeSync(this.fd, bytes, done, bytes.length - done));
    }
  }
}

/** Writes the blocks of a map output in order of their partitions; every partition must be begun, by `endBlock`, exactly once. */
export class BlockFileWriter {
  private readonly dataPath: string;
  private readonly identity: MapIdentity;
  private readonly file: AppendFile;
  private readonly entries: BlockEntry[] = [];
  private blockStart = 0;

  constructor(dataPath: string, identity: MapIdentity) {
    this.dataPath = dataPath;
    this.identity = identity;
    this.file = new AppendFile(dataPath);
  }

  append(bytes: Uint8Array): void {
    this.file.append(bytes);
  }

  /** Ends the block of the next partition; without an `append` since the last call it is empty. */
  endBlock(rows: number): void {
    const length = this.file.size - this.blockStart;
    this.entries.push({ offset: this.blockStart, length, rows, crc: this.file.takeCrc() });
    this.blockStart = this.file.size;
  }

  /** Makes the output visible: without an index a data file does not count. Gives the entries, one a partition. */
  commit(): readonly BlockEntry[] {
    this.file.flush();
    this.file.close();
    commitIndex(this.dataPath, this.identity, { writer: 'sort', slot: 0 }, this.entries);
    return this.entries;
  }

  /** Removes whatever was written, committed or not. */
  abort(): void {
    this.file.close();
    const index = indexPath(this.dataPath);
    for (const path of [index, `${index}.tmp`, this.dataPath]) rmSync(path, { force: true });
  }
}

/** Writes the index of a map output, whose blocks are in their files, and so makes it visible. */
export function commitIndex(dataPath: string, identity: MapIdentity, layout: FileLayout, entries: readonly BlockEntry[]): void {
  const index = indexPath(dataPath);
  attemptWrite(index, () => {
    writeFileSync(`${index}.tmp`, encodeIndex(identity, layout, entries), { mode: 0o600 });
    renameSync(`${index}.tmp`, index);
  });
}

/** Throws DISK_FULL, TOO_MANY_OPEN_FILES or SHUFFLE_WRITE_FAILED, all retryable, for whatever the disk says. */
export function attemptWrite<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw diskError('SHUFFLE_WRITE_FAILED', `Shuffle data cannot be written to ${path}`, cause);
  }
}
