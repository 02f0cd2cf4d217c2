/** Owns: the options of CSV and their defaults. They are Spark's, but that quotes are escaped by doubling (RFC 4180) unless `escape` says otherwise. */
import type { Zone } from '../../../data/zone.js';
import { FormatOptions } from '../options.js';
import { type Options, PARSE_MODES, type ParseMode } from '../source.js';

const READ = [
  'sep',
  'delimiter',
  'quote',
  'escape',
  'comment',
  'header',
  'inferSchema',
  'nullValue',
  'emptyValue',
  'multiLine',
  'mode',
  'enforceSchema',
  'samplingRatio',
];
const TRIM = ['ignoreLeadingWhiteSpace', 'ignoreTrailingWhiteSpace'];

/** Bytes are -1 where there is none. */
export interface CsvFormat {
  readonly sep: number;
  readonly quote: number;
  readonly escaper: number;
}

export interface CsvReadOptions extends CsvFormat {
  readonly comment: number;
  readonly header: boolean;
  readonly inferSchema: boolean;
  readonly nullValue: Uint8Array;
  readonly emptyValue: Uint8Array;
  readonly multiLine: boolean;
  readonly mode: ParseMode;
  /** The share of the records that a schema is inferred from. */
  readonly samplingRatio: number;
  readonly trimStart: boolean;
  readonly trimEnd: boolean;
  readonly zone: Zone | null;
}

/** Throws UNKNOWN_OPTION and INVALID_OPTION. */
export function csvReadOptions(raw: Options): CsvReadOptions {
  const options = new FormatOptions('csv', raw, [...READ, ...TRIM]);
  return {
    ...formatOf(options),
    comment: options.byte('comment', ''),
    header: options.flag('header'),
    inferSchema: options.flag('inferSchema'),
    nullValue: Buffer.from(options.text('nullValue', '')),
    emptyValue: Buffer.from(options.text('emptyValue', '')),
    multiLine: options.flag('multiLine'),
    mode: options.choice('mode', 'permissive', PARSE_MODES),
    samplingRatio: options.ratio('samplingRatio'),
    trimStart: options.flag('ignoreLeadingWhiteSpace'),
    trimEnd: options.flag('ignoreTrailingWhiteSpace'),
    zone: options.zone(),
  };
}

export interface CsvWriteOptions extends CsvFormat {
  readonly header: boolean;
  readonly nullValue: string;
  /** What an empty string becomes, as it stands. */
  readonly emptyValue: string;
  readonly quoteAll: boolean;
  readonly gzip: boolean;
  readonly zone: Zone | null;
}

export function csvWriteOptions(raw: Options): CsvWriteOptions {
  const options = new FormatOptions('csv', raw, ['sep', 'delimiter', 'quote', 'escape', 'header', 'nullValue', 'emptyValue', 'quoteAll']);
  const format = formatOf(options);
  return {
    ...format,
    header: options.flag('header'),
    nullValue: options.text('nullValue', ''),
    emptyValue: options.text('emptyValue', format.quote < 0 ? '' : String.fromCharCode(format.quote, format.quote)),
    quoteAll: options.flag('quoteAll'),
    gzip: options.choice('compression', 'none', ['none', 'gzip']) === 'gzip',
    zone: options.zone(),
  };
}

function formatOf(options: FormatOptions): CsvFormat {
  const sep = options.byte('sep', options.text('delimiter', ','));
  if (sep < 0 || sep === 10 || sep === 13)
    throw options.invalid('sep', options.text('sep', ''), 'one ASCII character other than a line end');
  return { sep, quote: options.byte('quote', '"'), escaper: options.byte('escape', '"') };
}
