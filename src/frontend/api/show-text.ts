/** Owns: the ASCII table of show(), character for character Spark's, and the text of one value in it. */
import { formatDecimal } from '../../data/decimal.js';
import { formatInterval } from '../../data/interval.js';
import { formatDate, formatMicros } from '../../data/temporal.js';
import type { DataType } from '../../data/types.js';
import type { EngineValue } from '../../data/value.js';
import { clockOf, type Zone } from '../../data/zone.js';

/**
 * A table of cells with a rule above, below and under the names. `truncate` is the most characters of a cell (0: all of them, and cells
 * stand at the left); `more` says that there are further rows. Ends in a newline.
 */
export function tableText(names: readonly string[], rows: readonly (readonly string[])[], truncate: number, more: boolean): string {
  const header = names.map(escapeControl);
  const cells = rows.map((row) => row.map((cell) => shorten(escapeControl(cell), truncate)));
  const widths = header.map((name, i) =>
    cells.reduce((width, row) => Math.max(width, displayWidth(row[i])), Math.max(3, displayWidth(name))),
  );
  const rule = `+${widths.map((width) => '-'.repeat(width)).join('+')}+\n`;
  const line = (row: readonly string[]) => {
    const padded = row.map((cell, i) => {
      const blanks = ' '.repeat(widths[i] - displayWidth(cell));
      return truncate > 0 ? blanks + cell : cell + blanks;
    });
    return `|${padded.join('|')}|\n`;
  };
  const note = more ? `only showing top ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}\n` : '';
  return `${rule}${line(header)}${rule}${cells.map(line).join('')}${rule}${note}`;
}

function shorten(cell: string, truncate: number): string {
  if (truncate === 0 || cell.length <= truncate) return cell;
  return truncate < 4 ? cell.slice(0, truncate) : `${cell.slice(0, truncate - 3)}...`;
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b', '\v': '\\v', '\u0007': '\\a' };

function escapeControl(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that would break the table
  return text.replace(/[\n\r\t\f\b\v\u0007]/g, (character) => ESCAPES[character]);
}

/** East Asian wide characters take two places; the ranges are those that Spark counts so. */
const FULL_WIDTH = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]/g;

function displayWidth(text: string): number {
  return text.length + (text.match(FULL_WIDTH)?.length ?? 0);
}

/** A value as show() prints it: `NULL`, `[1, 2]`, `{a, NULL}`, `{k -> v}`, bytes as `[61 FF]`. Timestamps are as a clock of `zone` shows them. */
export function cellText(value: EngineValue, type: DataType, zone: Zone): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'decimal':
      return formatDecimal(value as bigint, type.scale);
    case 'date':
      return formatDate(value as number);
    case 'timestamp':
      return formatMicros(clockOf(value as bigint, zone));
    case 'timestamp_ntz':
      return formatMicros(value as bigint);
    case 'day_time_interval':
    case 'year_month_interval':
      return formatInterval(value as bigint | number, type.from, type.to);
    case 'float32':
    case 'float64':
      return floatText(value as number, type.kind === 'float32');
    case 'binary':
      return `[${Array.from(value as Uint8Array, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ')}]`;
    case 'array':
      return `[${(value as readonly EngineValue[]).map((element) => cellText(element, type.element, zone)).join(', ')}]`;
    case 'struct':
      return `{${type.fields.map((f, i) => cellText((value as readonly EngineValue[])[i], f.type, zone)).join(', ')}}`;
    case 'map': {
      const entries = value as readonly (readonly [EngineValue, EngineValue])[];
      return `{${entries.map(([k, v]) => `${cellText(k, type.key, zone)} -> ${cellText(v, type.value, zone)}`).join(', ')}}`;
    }
    default:
      return String(value);
  }
}

/** As Java prints it: plain from 10^-3 to 10^7 with at least one decimal, else `1.5E10`; the fewest digits that tell it from its neighbours. */
export function floatText(value: number, single: boolean): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa, exponentText] = shortestDigits(Math.abs(value), single).split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function shortestDigits(value: number, single: boolean): string {
  if (!single) return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text.replace(/\.?0+e/, 'e');
  }
  return value.toExponential();
}
