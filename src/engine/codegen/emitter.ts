/**
 * Owns: the text of one generated function while it grows: lines, names, constants, scopes, and the conversions between representations.
 * Implements the Emitter that functions write against; sinks and readers also use its prologue and epilogue.
 */

import { type CallSite, withSite } from '../../core/errors.js';
import type { DataType } from '../../data/types.js';
import { decodeUtf8 } from '../../data/utf8.js';
import type { EngineValue } from '../../data/value.js';
import type { Emitter, Value, ValueOf } from '../../frontend/functions/generator.js';
import { fromJs, isBigType, NO_BYTES } from './values.js';

type Rep = Exclude<Value['rep'], 'each'>;

export class CodeEmitter implements Emitter {
  /** Of the rows that the code is for. */
  readonly partition: number;
  /** Values by parameter name `k0`, `k1`, …: functions, tables, literals. The text never depends on them, so it can be cached. */
  readonly constants: unknown[] = [];
  private readonly constantNames = new Map<unknown, string>();
  private readonly prologueLines: string[] = [];
  private readonly epilogueLines: string[] = [];
  private bodyLines: string[] = [];
  private counter = 0;
  private depth = 2;
  /** The user's line of the call whose code is being made. */
  private site: CallSite | null = null;
  /** Values computed so far, innermost block last: what a closed block computed is not visible after it. */
  private readonly scopes: Map<unknown, Value>[] = [new Map()];

  private readonly evaluators: Map<object, unknown>;

  constructor(partition = 0, evaluators = new Map<object, unknown>()) {
    this.partition = partition;
    this.evaluators = evaluators;
  }

  /** What `make` made for this expression first: it goes on where the function for batches of another shape left off. */
  kept<T>(expr: object, make: () => T): T {
    if (!this.evaluators.has(expr)) this.evaluators.set(expr, make());
    return this.evaluators.get(expr) as T;
  }

  line(code: string): void {
    this.bodyLines.push('  '.repeat(this.depth) + code);
  }

  /** A statement that runs once a call, before the loop. */
  prologue(code: string): void {
    this.prologueLines.push(`  ${code}`);
  }

  /** A statement that runs once a call, after the loop. */
  epilogue(code: string): void {
    this.epilogueLines.push(`  ${code}`);
  }

  fresh(hint: string): string {
    return `${hint}${this.counter++}`;
  }

  let(hint: string, code: string): string {
    const name = this.fresh(hint);
    this.line(`const ${name} = ${code};`);
    return name;
  }

  /** A constant of the call: `const hint7 = code;` before the loop. */
  hoist(hint: string, code: string): string {
    const name = this.fresh(hint);
    this.prologue(`const ${name} = ${code};`);
    return name;
  }

  state(hint: string, init: string): string {
    const name = this.fresh(hint);
    this.prologue(`let ${name} = ${init};`);
    return name;
  }

  constant(hint: string, value: unknown): string {
    const known = this.constantNames.get(value);
    if (known !== undefined) return known;
    const name = `k${this.constants.length}_${hint.replace(/\W/g, '')}`;
    this.constants.push(value);
    this.constantNames.set(value, name);
    return name;
  }

  branch(condition: string, then: () => void, otherwise?: () => void): void {
    this.line(`if (${condition}) {`);
    this.block(then);
    if (otherwise) {
      this.line('} else {');
      this.block(otherwise);
    }
    this.line('}');
  }

  loop(header: string, body: () => void): void {
    this.line(`${header} {`);
    this.block(body);
    this.line('}');
  }

  each(list: Value, body: (element: Value) => void): void {
    if (list.rep === 'each') {
      this.scope(() => list.loop((element) => this.scope(() => body(element))));
      return;
    }
    if (list.type.kind !== 'array') throw new Error(`A ${list.type.kind} has no elements.`);
    const { element } = list.type;
    const item = this.fresh('item');
    this.loop(`for (const ${item} of ${this.toJs(list).code})`, () => body(fromJs(item, element)));
  }

  fromJs(name: string, type: DataType): Value {
    return fromJs(name, type);
  }

  callback(hint: string, params: readonly string[], body: () => string): string {
    const name = this.fresh(hint);
    this.line(`const ${name} = (${params.join(', ')}) => {`);
    this.block(() => this.line(`return ${body()};`));
    this.line('};');
    return name;
  }

  /** What `emit` computes is forgotten afterwards; no text is added around it. */
  scope(emit: () => void): void {
    this.scopes.push(new Map());
    emit();
    this.scopes.pop();
  }

  private block(emit: () => void): void {
    this.depth++;
    this.scope(emit);
    this.depth--;
  }

  /** The value known under `key` in this block or one around it, else made now and known from here on. */
  cached(key: unknown, make: () => Value): Value {
    return this.known(key) ?? this.remember(key, make());
  }

  known(key: unknown): Value | null {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const known = this.scopes[i].get(key);
      if (known) return known;
    }
    return null;
  }

  /** From here on the value is known under `key` in this block. */
  remember(key: unknown, value: Value): Value {
    this.scopes[this.scopes.length - 1].set(key, value);
    return value;
  }

  /** Runs `emit` and takes the lines that it added away, for the caller to place. */
  capture<T>(emit: () => T): { readonly lines: readonly string[]; readonly result: T } {
    const before = this.bodyLines;
    this.bodyLines = [];
    // Where it is placed it stands in a block.
    this.depth++;
    this.scopes.push(new Map());
    const result = emit();
    this.scopes.pop();
    this.depth--;
    const lines = this.bodyLines;
    this.bodyLines = before;
    return { lines, result };
  }

  place(lines: readonly string[]): void {
    this.bodyLines.push(...lines);
  }

  toBig(value: Value): ValueOf<'big'> {
    const { type, isNull } = value;
    if (value.rep === 'big') return value;
    const code = value.rep === 'int' ? value.code : this.toJs(value).code;
    return { type, isNull, rep: 'big', code: this.let('big', bigInt(code, isNull)) };
  }

  toFloat(value: Value): ValueOf<'float'> {
    const { type, isNull } = value;
    if (value.rep === 'float') return value;
    if (value.rep === 'int') return { type, isNull, rep: 'float', code: value.code };
    return { type, isNull, rep: 'float', code: this.let('f', `Number(${this.toJs(value).code})`) };
  }

  toBytes(value: Value): ValueOf<'bytes'> {
    const { type, isNull } = value;
    if (value.rep === 'bytes') return value;
    const js = this.toJs(value).code;
    const encode = this.constant('encode', encodeText);
    const data = this.let('data', isNull === 'false' ? `${encode}(${js})` : `${encode}(${isNull} ? null : ${js})`);
    return { type, isNull, rep: 'bytes', data, start: '0', end: `${data}.length` };
  }

  toJs(value: Value): ValueOf<'js'> {
    const { type, isNull } = value;
    switch (value.rep) {
      case 'js':
        return value;
      case 'int':
        return { type, isNull, rep: 'js', code: isBigType(type) ? bigInt(value.code, isNull) : value.code };
      case 'big':
      case 'float':
      case 'bool':
        return { type, isNull, rep: 'js', code: value.code };
      case 'bytes': {
        const { data, start, end } = value;
        const make = type.kind === 'binary' ? this.constant('copyBytes', copyBytes) : this.constant('decode', decodeText);
        return { type, isNull, rep: 'js', code: `${make}(${data}, ${start}, ${end})` };
      }
      case 'each': {
        const list = this.let('list', '[]');
        const fill = () => this.scope(() => value.loop((element) => this.line(`${list}.push(${this.nullable(element)});`)));
        if (isNull === 'false') fill();
        else this.branch(`!(${isNull})`, fill);
        return { type, isNull, rep: 'js', code: list };
      }
      default:
        return value satisfies never;
    }
  }

  /** The engine value as an expression, null where it is null. */
  nullable(value: Value): string {
    if (value.isNull === 'true') return 'null';
    const { code } = this.toJs(value);
    return value.isNull === 'false' ? code : `(${value.isNull} ? null : ${code})`;
  }

  slot(type: DataType, rep: Rep, nullable: boolean, bits = 53) {
    const base = this.fresh('r');
    const isNull = nullable ? `${base}n` : 'false';
    if (nullable) this.line(`let ${isNull} = true;`);
    const value = this.declareSlot(base, type, rep, isNull, bits);
    const assign = (from: Value) => {
      if (nullable) this.line(`${isNull} = ${from.isNull};`);
      if (from.isNull !== 'true') this.assignSlot(value, from);
    };
    return { value, assign, assignNull: () => this.line(`${isNull} = true;`) };
  }

  private declareSlot(base: string, type: DataType, rep: Rep, isNull: string, bits: number): Value {
    switch (rep) {
      case 'bytes':
        this.line(`let ${base}d = ${this.constant('none', NO_BYTES)}, ${base}s = 0, ${base}e = 0;`);
        return { type, isNull, rep, data: `${base}d`, start: `${base}s`, end: `${base}e` };
      case 'int':
        this.line(`let ${base} = 0;`);
        return { type, isNull, rep, code: base, bits };
      default:
        this.line(`let ${base} = ${SLOT_START[rep]};`);
        return { type, isNull, rep, code: base };
    }
  }

  private assignSlot(to: Value, from: Value): void {
    switch (to.rep) {
      case 'bytes': {
        const { data, start, end } = this.toBytes(from);
        this.line(`${to.data} = ${data}; ${to.start} = ${start}; ${to.end} = ${end};`);
        return;
      }
      case 'big':
        this.line(`${to.code} = ${this.toBig(from).code};`);
        return;
      case 'float':
        this.line(`${to.code} = ${this.toFloat(from).code};`);
        return;
      case 'js':
        this.line(`${to.code} = ${this.toJs(from).code};`);
        return;
      case 'int':
      case 'bool':
        if (from.rep !== to.rep) throw new Error(`A ${from.rep} value cannot be assigned to a slot of ${to.rep}.`);
        this.line(`${to.code} = ${from.code};`);
        return;
      case 'each':
        throw new Error('A loop value has no slot.');
      default:
        to satisfies never;
    }
  }

  fail(make: (...args: never[]) => Error, ...args: readonly string[]): void {
    const error = `${this.constant('fail', make)}(${args.join(', ')})`;
    this.line(`throw ${this.site ? `${this.constant('at', withSite)}(${error}, ${this.constant('site', this.site)})` : error};`);
  }

  /** Errors that the code of `make` throws are given the user's line, unless they know a closer one. */
  at<T>(site: CallSite | null, make: () => T): T {
    const outer = this.site;
    this.site = site ?? outer;
    try {
      return make();
    } finally {
      this.site = outer;
    }
  }

  located<A extends readonly unknown[], R>(call: (...args: A) => R): (...args: A) => R {
    const { site } = this;
    if (site === null) return call;
    return (...args) => {
      try {
        return call(...args);
      } catch (thrown) {
        throw withSite(thrown, site);
      }
    };
  }

  /**
   * The text of `function name(constants, …params) { k0 = constants[0]; …; prologue; body; epilogue }`.
   * `around` wraps the body lines, usually in the loop over rows.
   */
  finish(name: string, params: string, around: { readonly open: string; readonly close: string }): string {
    const names = [...this.constantNames.values()];
    return [
      `(function ${name}(constants, ${params}) {`,
      ...names.map((constant, k) => `  const ${constant} = constants[${k}];`),
      ...this.prologueLines,
      `  ${around.open}`,
      ...this.bodyLines,
      `  ${around.close}`,
      ...this.epilogueLines,
      '})',
    ].join('\n');
  }
}

/** What stands where a value is null may be no number at all. */
const bigInt = (code: string, isNull: string): string => (isNull === 'false' ? `BigInt(${code})` : `(${isNull} ? 0n : BigInt(${code}))`);

const SLOT_START = { big: '0n', float: '0', bool: 'false', js: 'null' } as const;

function encodeText(value: EngineValue): Uint8Array {
  if (value === null) return NO_BYTES;
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : (value as Uint8Array);
}

function decodeText(data: Uint8Array, start: number, end: number): string {
  return decodeUtf8(data, start, end);
}

function copyBytes(data: Uint8Array, start: number, end: number): Uint8Array {
  return data.slice(start, end);
}
