/** Owns: reading options of formats: names without regard to case, typed values, unknown names refused with the nearest ones. */
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { type Zone, zoneOf } from '../../data/zone.js';
import type { Options } from './source.js';

/** Options that mean the same for every format; file discovery and the commit of a write read them. */
const COMMON = ['recursiveFileLookup', 'compression', 'path', 'timeZone', 'partitionOverwriteMode'];

/** Throws INVALID_TIMEZONE. */
export const zoneOption = (text = 'UTC'): Zone | null => (text === 'UTC' ? null : zoneOf(text));

export class FormatOptions {
  private readonly format: string;
  private readonly values = new Map<string, string>();

  /** Throws UNKNOWN_OPTION for a name that is not in `known`. */
  constructor(format: string, options: Options, known: readonly string[]) {
    this.format = format;
    const names = [...known, ...COMMON];
    for (const [name, value] of Object.entries(options)) {
      if (!names.some((k) => k.toLowerCase() === name.toLowerCase())) {
        throw userError('UNKNOWN_OPTION', `The ${format} format has no option '${name}'.`, {
          hint: didYouMean(name, names) || `It has ${names.filter((k) => k !== 'path').join(', ')}`,
        });
      }
      this.values.set(name.toLowerCase(), value);
    }
  }

  text(name: string, otherwise: string): string {
    return this.values.get(name.toLowerCase()) ?? otherwise;
  }

  /** Option `timeZone`, in which timestamps are text; null for UTC. */
  zone(): Zone | null {
    return zoneOption(this.text('timeZone', 'UTC'));
  }

  flag(name: string): boolean {
    const value = this.text(name, 'false').toLowerCase();
    if (value !== 'true' && value !== 'false') throw this.invalid(name, value, 'true or false');
    return value === 'true';
  }

  /** A number above 0 and at most 1. */
  ratio(name: string): number {
    const text = this.text(name, '1');
    const value = Number(text);
    if (!(value > 0 && value <= 1)) throw this.invalid(name, text, 'a number above 0, up to 1');
    return value;
  }

  /** One of `choices`, which are in lower case. */
  choice<T extends string>(name: string, otherwise: T, choices: readonly T[]): T {
    const value = this.text(name, otherwise).toLowerCase();
    if (!choices.includes(value as T)) throw this.invalid(name, value, choices.join(', '));
    return value as T;
  }

  /** A single byte (an ASCII character); -1 where the option is set to nothing, or is not set and has no default. */
  byte(name: string, otherwise: string): number {
    const value = this.text(name, otherwise);
    const unescaped = value === '\\t' ? '\t' : value;
    if (unescaped === '') return -1;
    if (unescaped.length !== 1 || unescaped.charCodeAt(0) > 127) throw this.invalid(name, value, 'one ASCII character');
    return unescaped.charCodeAt(0);
  }

  invalid(name: string, value: string, wanted: string) {
    return userError('INVALID_OPTION', `Option ${name} of the ${this.format} format cannot be '${value}'.`, {
      hint: `It takes ${wanted}.`,
    });
  }
}
