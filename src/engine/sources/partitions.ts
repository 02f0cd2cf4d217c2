/**
 * Owns: partition directories `key=value` in both directions: values and their types from the paths of files, and the directory of a value.
 * Names are escaped as Hive does: percent and two hex digits; `__HIVE_DEFAULT_PARTITION__` stands for null and the empty string.
 */
import { type CallSite, userError } from '../../core/errors.js';
import { formatDecimal } from '../../data/decimal.js';
import { formatInterval } from '../../data/interval.js';
import { formatDate, formatMicros, parseIsoDate } from '../../data/temporal.js';
import { DATE, type DataType, FLOAT64, field, INT32, INT64, type Schema, STRING, typeName } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { clockOf, type Zone } from '../../data/zone.js';
import type { ScanFile } from '../../frontend/plan/resolved.js';
import { localPath } from './fs.js';
import { type FileEntry, listPaths } from './listing.js';
import type { Options } from './source.js';

const NULL_NAME = '__HIVE_DEFAULT_PARTITION__';

export interface DiscoveredFiles {
  readonly files: readonly ScanFile[];
  /** Columns from directory names, in the order of the path. */
  readonly partitionSchema: Schema;
}

/**
 * The files of resolved URIs (globs allowed), sorted within each, and their partition columns. Throws PATH_NOT_FOUND, FILE_NOT_READABLE and
 * CONFLICTING_PARTITIONS. Option `recursiveFileLookup` enters every directory and knows no partition columns.
 */
export async function discoverFiles(uris: readonly string[], options: Options, site?: CallSite | null): Promise<DiscoveredFiles> {
  const recursive = Object.entries(options).some(([name, value]) => name.toLowerCase() === 'recursivefilelookup' && value === 'true');
  const listings = uris.flatMap((uri) => listPaths(uri, recursive, site));
  const found = listings.flatMap(({ base, files }) => files.map((file) => ({ file, keys: recursive ? [] : keysBelow(base, file) })));
  const first = found[0]?.keys.map(([name]) => name) ?? [];
  for (const { file, keys } of found) {
    if (keys.length !== first.length || keys.some(([name], i) => name !== first[i])) {
      const describe = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join('/'));
      throw userError(
        'CONFLICTING_PARTITIONS',
        `The files do not have the same partition columns: '${localPath(found[0].file.uri)}' has ${describe(first)}, '${localPath(file.uri)}' has ${describe(keys.map(([name]) => name))}.`,
        {
          hint: 'Read the directories apart, or set recursiveFileLookup to true',
          site: site ?? undefined,
        },
      );
    }
  }
  const types = first.map((_, i) => commonType(found.map(({ keys }) => keys[i][1])));
  return {
    files: found.map(({ file, keys }) => ({
      ...file,
      values: keys.map(([, text], i) => (text === null ? null : partitionValue(text, types[i]))),
    })),
    partitionSchema: { fields: first.map((name, i) => field(name, types[i])) },
  };
}

/** [name, text or null] of every `name=text` directory between the path that was read and the file. */
function keysBelow(base: string, file: FileEntry): (readonly [string, string | null])[] {
  const below = localPath(file.uri).slice(localPath(base).length);
  return below
    .split('/')
    .slice(1, -1)
    .map((part) => {
      const equals = part.indexOf('=');
      const text = part.slice(equals + 1);
      return [unescapeName(part.slice(0, equals)), text === NULL_NAME ? null : unescapeName(text)] as const;
    });
}

/** int, bigint, double and date where every value is one, else string; as Spark infers them. */
function commonType(texts: readonly (string | null)[]): DataType {
  const present = texts.filter((text) => text !== null);
  const candidates = [INT32, INT64, FLOAT64, DATE];
  return (present.length > 0 && candidates.find((type) => present.every((text) => partitionValue(text, type) !== null))) || STRING;
}

/** The value of a directory name as a type; null where it is none of that type. */
function partitionValue(text: string, type: DataType): EngineValue {
  switch (type.kind) {
    case 'int32':
      return /^-?\d{1,10}$/.test(text) && Number(text) === (Number(text) | 0) ? Number(text) : null;
    case 'int64':
      return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? BigInt(text) : null;
    case 'float64':
      return /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : null;
    case 'date':
      return parseIsoDate(text);
    default:
      return text;
  }
}

/** `day=2024-01-31`; timestamps as a clock of `zone` shows them (null: UTC). Throws WRONG_SCHEMA for types that have no name of their own. */
export function partitionDirectory(name: string, value: EngineValue, type: DataType, zone: Zone | null): string {
  const text = value === null ? '' : valueText(value, type, zone);
  return `${escapeName(name)}=${text === '' ? NULL_NAME : escapeName(text)}`;
}

function valueText(value: EngineValue, type: DataType, zone: Zone | null): string {
  switch (type.kind) {
    case 'date':
      return formatDate(value as number);
    case 'timestamp':
      return formatMicros(zone === null ? (value as bigint) : clockOf(value as bigint, zone));
    case 'timestamp_ntz':
      return formatMicros(value as bigint);
    case 'day_time_interval':
    case 'year_month_interval':
      return formatInterval(value as bigint | number, type.from, type.to);
    case 'decimal':
      return formatDecimal(value as bigint, type.scale);
    default:
      return String(value);
  }
}

/** Throws WRONG_SCHEMA for a type by which files cannot be partitioned. */
export function checkPartitionType(name: string, type: DataType, site?: CallSite | null): void {
  if (['array', 'map', 'struct', 'binary', 'null'].includes(type.kind)) {
    throw userError('WRONG_SCHEMA', `Files cannot be partitioned by '${name}', which is of type ${typeName(type)}.`, {
      site: site ?? undefined,
    });
  }
}

/** The printable characters that Hive escapes in directory names; control characters are escaped too. */
const ESCAPED = '"#%\'*/:=?\\{[]^\x7f';

function escapeName(text: string): string {
  let escaped = '';
  for (const c of text) escaped += c < ' ' || ESCAPED.includes(c) ? `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}` : c;
  return escaped;
}

function unescapeName(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
