/**
 * Owns: which files hold the blocks of a map output: one data file (`sort`), one a reduce partition (`hash`), or one a slot and reduce
 * partition that later maps of the slot append to (`consolidated`). The index beside the data file's name says which it is.
 */
import { dirname, join } from 'node:path';
import { SHUFFLE_WRITERS, type ShuffleWriterKind } from '../../core/config.js';

export interface FileLayout {
  readonly writer: ShuffleWriterKind;
  /** The slot that ran the map; tells files apart in `consolidated` only. */
  readonly slot: number;
}

/** Where the index of a map output lies; `dataPath` ends in `.data`, and need not exist where blocks lie in other files. */
export function indexPath(dataPath: string): string {
  return dataPath.replace(/\.data$/, '.index');
}

/** The file that holds the block of one partition. */
export function blockPath(dataPath: string, { writer, slot }: FileLayout, partition: number): string {
  switch (writer) {
    case 'sort':
      return dataPath;
    case 'hash':
      return dataPath.replace(/\.data$/, `-p${partition}.data`);
    case 'consolidated':
      return join(dirname(dataPath), `slot-${slot}-p${partition}.data`);
    default:
      return writer satisfies never;
  }
}

/** As the index stores it. */
export const codeOf = (writer: ShuffleWriterKind): number => SHUFFLE_WRITERS.indexOf(writer);
