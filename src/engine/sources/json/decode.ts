/**
 * Owns: JSON values as engine values of a given type, read from the bytes. A value of another type becomes null and is noted
 * in `mismatch`; int64 and decimals are exact, since they never pass through a double.
 */
import { fitsPrecision, parseDecimal, rescale } from '../../../data/decimal.js';
import { parseInterval } from '../../../data/interval.js';
import { parseIsoDate, parseIsoMicros } from '../../../data/temporal.js';
import { type DataType, type Field, typeName } from '../../../data/types.js';
import { decodeUtf8 } from '../../../data/utf8.js';
import type { EngineValue } from '../../../data/value.js';
import { instantOf, type Zone } from '../../../data/zone.js';
import { parseDouble, parseInteger, parseLongInteger } from '../parse-values.js';
import { CLOSE_BRACE, CLOSE_BRACKET, JsonScanner } from './scan.js';

/** A text that stands in the block as it is: it goes into its column without becoming a string. */
export class Span {
  readonly start: number;
  readonly end: number;

  constructor(start: number, end: number) {
    this.start = start;
    this.end = end;
  }
}

type Decode = () => EngineValue;
type FieldDecode = () => EngineValue | Span;
const INTEGER_BOUND = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 } as const;
const SPECIAL_DOUBLES: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  INF: Number.POSITIVE_INFINITY,
  '+INF': Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-INF': Number.NEGATIVE_INFINITY,
};

export class JsonDecoder {
  readonly scanner = new JsonScanner();
  /** Of timestamps that name none; null for UTC. */
  private readonly zone: Zone | null;
  /** What was first found that is not of its type; null where nothing was. */
  mismatch: string | null = null;

  constructor(zone: Zone | null) {
    this.zone = zone;
  }

  /** Reads the object that comes next into `out`, one value a field; fields that it lacks become null. Its own texts are spans. */
  rowReader(fields: readonly Field[]): (out: (EngineValue | Span)[]) => void {
    const text: FieldDecode = this.unlessNull<EngineValue | Span>(() => this.spanOf());
    return this.objectReader(
      fields,
      fields.map((f) => (f.type.kind === 'string' ? text : this.decoder(f.type, f.name))),
    );
  }

  private objectReader<T>(fields: readonly Field[], decoders: readonly (() => T | null)[]): (out: (T | null)[]) => void {
    const { scanner } = this;
    const names = fields.map((f) => Buffer.from(f.name));
    const slots = new Map(fields.map((f, i) => [f.name, i]));
    return (out) => {
      for (let i = 0; i < decoders.length; i++) out[i] = null;
      if (!scanner.enter(CLOSE_BRACE)) return;
      let expected = 0;
      do {
        scanner.key();
        // Members mostly come in the order of the schema: then no name needs decoding.
        let slot = expected;
        if (slot >= names.length || !this.tokenIs(names[slot])) slot = slots.get(scanner.name()) ?? -1;
        if (slot < 0) {
          scanner.skip();
        } else {
          out[slot] = decoders[slot]();
          expected = slot + 1;
        }
      } while (scanner.next(CLOSE_BRACE));
    };
  }

  private tokenIs(name: Uint8Array): boolean {
    const { data, tokenStart, tokenEnd, escaped } = this.scanner;
    if (tokenEnd - tokenStart !== name.length || escaped) return false;
    for (let i = 0; i < name.length; i++) if (data[tokenStart + i] !== name[i]) return false;
    return true;
  }

  /** Takes a value of any kind and makes one of `type` of it. */
  private decoder(type: DataType, path: string): Decode {
    return this.unlessNull(this.nonNull(type, path));
  }

  private unlessNull<T>(decode: () => T): () => T | null {
    const { scanner } = this;
    return () => {
      if (scanner.peek() !== 'null') return decode();
      scanner.literal('null');
      return null;
    };
  }

  /** As `textOf`, but left where it is unless it holds escapes. */
  private spanOf(): string | Span {
    const { scanner } = this;
    if (scanner.peek() === 'string') {
      scanner.string();
      return scanner.escaped ? scanner.text() : new Span(scanner.tokenStart, scanner.tokenEnd);
    }
    const from = scanner.at;
    scanner.skip();
    return new Span(from, scanner.at);
  }

  private nonNull(type: DataType, path: string): Decode {
    switch (type.kind) {
      case 'string':
        return () => this.textOf();
      case 'boolean':
        return () => this.boolean(type, path);
      case 'int8':
      case 'int16':
      case 'int32':
      case 'int64':
      case 'float32':
      case 'float64':
      case 'decimal':
        return () => this.numeric(type, path);
      case 'date':
      case 'timestamp':
      case 'timestamp_ntz':
      case 'day_time_interval':
      case 'year_month_interval':
      case 'binary':
        return () => this.fromString(type, path);
      case 'array':
        return this.arrayDecoder(type, path);
      case 'struct':
        return this.structDecoder(type, path);
      case 'map':
        return this.mapDecoder(type, path);
      case 'null':
        return () => this.refuse(type, path);
      default:
        return type satisfies never;
    }
  }

  /** Skips the value and notes it. */
  private refuse(type: DataType, path: string): null {
    const { scanner } = this;
    const from = scanner.at;
    scanner.skip();
    this.note(type, path, decodeUtf8(scanner.data, from, Math.min(scanner.at, from + 60)));
    return null;
  }

  private note(type: DataType, path: string, text: string): void {
    this.mismatch ??= `${text} in field '${path}' is no ${typeName(type)}`;
  }

  /** A string as it is; any other value as its JSON text. */
  private textOf(): string {
    const { scanner } = this;
    if (scanner.peek() === 'string') {
      scanner.string();
      return scanner.text();
    }
    const from = scanner.at;
    scanner.skip();
    return decodeUtf8(scanner.data, from, scanner.at);
  }

  private boolean(type: DataType, path: string): EngineValue {
    const kind = this.scanner.peek();
    if (kind !== 'true' && kind !== 'false') return this.refuse(type, path);
    this.scanner.literal(kind);
    return kind === 'true';
  }

  private numeric(type: DataType, path: string): EngineValue {
    const { scanner } = this;
    const kind = scanner.peek();
    const isFloat = type.kind === 'float32' || type.kind === 'float64';
    if (kind === 'string' && isFloat) {
      scanner.string();
      const text = scanner.text();
      if (Object.hasOwn(SPECIAL_DOUBLES, text)) return SPECIAL_DOUBLES[text];
      this.note(type, path, `"${text}"`);
      return null;
    }
    if (kind !== 'number') return this.refuse(type, path);
    scanner.number();
    const value = this.numberAs(type);
    if (value === null) this.note(type, path, decodeUtf8(scanner.data, scanner.tokenStart, scanner.tokenEnd));
    return value;
  }

  private numberAs(type: DataType): EngineValue {
    const { data, tokenStart, tokenEnd, integral } = this.scanner;
    switch (type.kind) {
      case 'float64':
        return this.double();
      case 'float32':
        return Math.fround(this.double());
      case 'int64': {
        if (!integral) return null;
        const value = parseInteger(data, tokenStart, tokenEnd);
        return Number.isFinite(value) ? BigInt(value) : parseLongInteger(data, tokenStart, tokenEnd);
      }
      case 'decimal': {
        const parsed = parseDecimal(decodeUtf8(data, tokenStart, tokenEnd));
        const unscaled = parsed === null ? null : rescale(parsed.unscaled, parsed.scale, type.scale);
        return unscaled !== null && fitsPrecision(unscaled, type.precision) ? unscaled : null;
      }
      case 'int8':
      case 'int16':
      case 'int32': {
        const value = integral ? parseInteger(data, tokenStart, tokenEnd) : Number.NaN;
        const bound = INTEGER_BOUND[type.kind];
        return value >= -bound && value < bound ? value : null;
      }
      default:
        return null;
    }
  }

  /** What the scanner took for a number is one, or INF with its sign. */
  private double(): number {
    const { data, tokenStart, tokenEnd } = this.scanner;
    return parseDouble(data, tokenStart, tokenEnd) ?? (data[tokenStart] === 45 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  }

  private fromString(type: DataType, path: string): EngineValue {
    if (this.scanner.peek() !== 'string') return this.refuse(type, path);
    this.scanner.string();
    const text = this.scanner.text();
    const value = stringAs(text, type, this.zone);
    if (value === null) this.note(type, path, `"${text}"`);
    return value;
  }

  private arrayDecoder(type: DataType & { kind: 'array' }, path: string): Decode {
    const { scanner } = this;
    const element = this.decoder(type.element, `${path}[]`);
    return () => {
      if (scanner.peek() !== 'array') return this.refuse(type, path);
      const values: EngineValue[] = [];
      if (!scanner.enter(CLOSE_BRACKET)) return values;
      do values.push(element());
      while (scanner.next(CLOSE_BRACKET));
      return values;
    };
  }

  private structDecoder(type: DataType & { kind: 'struct' }, path: string): Decode {
    const read = this.objectReader(
      type.fields,
      type.fields.map((f) => this.decoder(f.type, `${path}.${f.name}`)),
    );
    return () => {
      if (this.scanner.peek() !== 'object') return this.refuse(type, path);
      const values: EngineValue[] = [];
      read(values);
      return values;
    };
  }

  private mapDecoder(type: DataType & { kind: 'map' }, path: string): Decode {
    const { scanner } = this;
    const item = this.decoder(type.value, `${path}{}`);
    return () => {
      if (type.key.kind !== 'string' || scanner.peek() !== 'object') return this.refuse(type, path);
      const entries = new Map<string, EngineValue>();
      if (scanner.enter(CLOSE_BRACE)) {
        do {
          scanner.key();
          const name = scanner.text();
          entries.set(name, item());
        } while (scanner.next(CLOSE_BRACE));
      }
      return [...entries];
    };
  }
}

function stringAs(text: string, type: DataType, zone: Zone | null): EngineValue {
  switch (type.kind) {
    case 'date':
      return parseIsoDate(text);
    case 'day_time_interval':
      return parseInterval(text, type.from, type.to);
    case 'year_month_interval': {
      const months = parseInterval(text, type.from, type.to);
      return months === null ? null : Number(months);
    }
    case 'binary':
      return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : null;
    default: {
      const parsed = parseIsoMicros(text);
      if (parsed === null || (parsed.zoned && type.kind === 'timestamp_ntz')) return null;
      return zone === null || parsed.zoned || type.kind === 'timestamp_ntz' ? parsed.micros : instantOf(parsed.micros, zone);
    }
  }
}
