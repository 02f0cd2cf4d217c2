/** Owns: the error for a record that mode `failfast` refuses: its file, line, fault and text. */
import { type MinisparkError, userError } from '../../core/errors.js';
import { InputFile, localPath } from './fs.js';
import { NEWLINE } from './record-blocks.js';
import { isGzip } from './splits.js';

const SHOWN = 120;

/** `position` is the record's first byte in the file. */
export function malformed(uri: string, position: number, fault: string, record: string): MinisparkError {
  const place = isGzip(uri) ? `byte ${position} of its text` : `line ${lineAt(uri, position)}`;
  const text = record.length > SHOWN ? `${record.slice(0, SHOWN)}…` : record;
  return userError('MALFORMED_RECORD', `The file '${localPath(uri)}' has a malformed record at ${place}: ${fault}. The record: ${text}`, {
    hint: "Mode 'permissive' gives nulls and fills the column _corrupt_record if the schema has it; 'dropmalformed' leaves the record out",
  });
}

/** The line, from 1, on which a byte lies: counted only when an error is made. */
function lineAt(uri: string, position: number): number {
  const file = new InputFile(uri);
  try {
    const buffer = new Uint8Array(1 << 20);
    let line = 1;
    for (let at = 0; at < position; ) {
      const n = file.read(buffer, 0, Math.min(buffer.length, position - at), at);
      if (n === 0) break;
      for (let i = 0; i < n; i++) if (buffer[i] === NEWLINE) line++;
      at += n;
    }
    return line;
  } finally {
    file.close();
  }
}
