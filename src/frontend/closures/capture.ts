/**
 * Owns: reading what a function closes over, judging whether it can travel, and writing it as bytes.
 * Receives a function of the job's bundle; gives an EncodedClosure, or an error with a code frame at the user's line before anything runs.
 * Captures are read when the function is handed to the API (`.map(fn)`, `udf(fn)`), not when the action runs: later changes do not reach it.
 */
import { types } from 'node:util';
import { serialize } from 'node:v8';
import { type CallSite, type MinisparkError, userError } from '../../core/errors.js';
import { builtinName, type ClosureTable, type EncodedClosure, isLeaf, PACKED, REF, type Token } from './closure-bytes.js';
import { codeFrame, displayPath } from './code-frame.js';
import { registerOpaque } from './decode.js';
import type { FunctionInfo, JobBundle, Position } from './function-info.js';
import { inlineClosure } from './inline-closure.js';
import { pack } from './portable.js';
import { type AnyFunction, type Captures, type Thunk, thunkOf } from './runtime.js';
import { firstUserFrame, userFrame } from './stacks.js';

export interface CaptureContext {
  /** The bundle of the job that runs; null in a plain script or test. */
  readonly bundle: JobBundle | null;
  /** Whether functions that cannot travel may run in this process's own thread instead. */
  readonly allowOpaque: boolean;
  /** Called with complete texts; may see the same one often. */
  warn(text: string): void;
}

/** Above this, sending a copy with every task costs more than a broadcast. */
const LARGE_CAPTURE_BYTES = 1 << 20;

/** Throws user errors CLOSURE_NOT_SHIPPABLE and CLOSURE_CAPTURES_DRIVER_OBJECT, with `site` and `frame`. */
export function encodeClosure(fn: AnyFunction, context: CaptureContext): EncodedClosure {
  const isBuiltin = builtinName(fn) !== null;
  if (!context.bundle || !(thunkOf(fn) || isBuiltin)) {
    if (!context.allowOpaque && !context.bundle) throw withoutBundle(fn);
    if (context.allowOpaque)
      return { id: registerOpaque(fn), name: fn.name, site: firstUserFrame(new Error().stack ?? ''), captures: '', inline: null };
  }
  return new ClosureWriter(context.bundle as JobBundle, context).encode(fn);
}

function withoutBundle(fn: AnyFunction): MinisparkError {
  const name = fn.name ? `The function ${fn.name}` : 'This function';
  return userError('CLOSURE_NOT_SHIPPABLE', `${name} cannot travel to other processes: it was not bundled.`, {
    hint: "Put the code into a job file, `export default job(async (spark) => { … })`, and run it with minispark submit; or use the master 'local'",
    site: firstUserFrame(new Error().stack ?? '') ?? undefined,
  });
}

/** Makes the error for a value that cannot travel, given what it is. */
type Refuse = (what: string, hint: string, condition?: string) => MinisparkError;

interface Place {
  /** As the user would write it: `client.socket`. */
  readonly path: string;
  readonly refuse: (path: string) => Refuse;
  /** Functions that led here, outermost first. */
  readonly chain: readonly string[];
}

const NOT_SHIPPABLE = 'CLOSURE_NOT_SHIPPABLE';
const PLAIN_ONLY = 'Only plain data travels: create it inside the function, or capture the fields that you need';

class ClosureWriter {
  private readonly bundle: JobBundle;
  private readonly context: CaptureContext;
  private readonly functions: ClosureTable['functions'][number][] = [];
  private readonly seen = new Map<object, unknown>();
  private readonly judged = new Set<AnyFunction>();

  constructor(bundle: JobBundle, context: CaptureContext) {
    this.bundle = bundle;
    this.context = context;
  }

  encode(fn: AnyFunction): EncodedClosure {
    const refuse: Refuse = (what, hint, condition = NOT_SHIPPABLE) =>
      userError(condition, `Cannot send ${what} to workers.`, { hint, ...this.callPlace() });
    const root = this.reference(fn, { path: '', refuse: () => refuse, chain: [] });
    const name = builtinName(fn);
    const table: ClosureTable = { bundle: this.bundle.hash, root: root as Token, functions: this.functions };
    const bytes = serialize(table);
    if (name) return { id: name, name, site: this.callPlace().site ?? null, captures: bytes.toString('base64'), inline: null };
    const info = this.infoOf(this.functions[0].id);
    if (bytes.length > LARGE_CAPTURE_BYTES) this.warnOfSize(info, bytes.length);
    const inline = inlineClosure(info.inline, this.functions[0].captures);
    return { id: info.id, name: info.name, site: this.siteOf(info, info), captures: bytes.toString('base64'), inline };
  }

  private reference(fn: AnyFunction, place: Place): unknown {
    const known = this.seen.get(fn);
    if (known) return known;
    const builtin = builtinName(fn);
    if (builtin) return { [REF]: builtin };
    const thunk = thunkOf(fn);
    if (!thunk) throw refuseFunction(fn, place);
    const { id, captures, calls } = readThunk(thunk, place);
    const info = this.infoOf(id);
    this.judge(fn, info, captures, calls, place.chain);
    const token = { [REF]: this.functions.length };
    const entry = { id, captures: {} as Record<string, unknown> };
    this.functions.push(entry);
    this.seen.set(fn, token);
    const chain = [...place.chain, `${info.name || 'the function'} at ${this.siteOf(info, info).file}:${info.line}`];
    for (const [name, value] of Object.entries(captures)) {
      const refuse =
        (path: string): Refuse =>
        (what, hint, condition = NOT_SHIPPABLE) =>
          this.failure(info, info.captures[name], `captures ${path}: ${what}`, 'captured here', hint, place.chain, condition);
      entry.captures[name] = this.copy(value, { path: name, refuse, chain });
    }
    return token;
  }

  /** Everything that the function's text already tells, and that of the module-level functions which it may call. */
  private judge(fn: AnyFunction, info: FunctionInfo, captures: Captures, calls: readonly unknown[], chain: readonly string[]): void {
    if (this.judged.has(fn)) return;
    this.judged.add(fn);
    for (const { what, at } of info.refusals) {
      const hint = what === 'this' ? 'Copy what you need first: const prefix = this.prefix' : 'Pass what you need in as a local const';
      throw this.failure(info, at, `uses ${what}`, `${what} stays on the driver`, hint, chain);
    }
    for (const { name, kind, at } of info.changes) {
      const hint = 'Return a value and aggregate it instead';
      if (kind === 'assigns')
        throw this.failure(info, at, `assigns to ${name}`, 'a copy on the worker would change, not yours', hint, chain);
      const value = captures[name];
      if (!(typeof value === 'object' && value !== null && pack(value))) {
        if (name in captures) this.warn(this.failure(info, at, `changes ${name}`, 'changes a copy on the worker', hint, chain));
      }
    }
    for (const { name, kind, at, changedAt } of info.stale) {
      const where = `${displayPath(this.bundle.root, changedAt.file)}:${changedAt.line}`;
      const failure = this.failure(
        info,
        at,
        `reads ${name}, which ${where} changes`,
        'workers see the value from loading the module',
        'Copy it to a const inside the job, and use that',
        chain,
      );
      if (kind === 'assigns') throw failure;
      this.warn(failure);
    }
    const inner = [...chain, `${info.name || 'the function'} at ${this.siteOf(info, info).file}:${info.line}`];
    for (const called of calls) {
      const thunk = typeof called === 'function' ? thunkOf(called) : null;
      if (!thunk) continue;
      const [id, calledCaptures, calledCalls] = thunk();
      this.judge(called as AnyFunction, this.infoOf(id), calledCaptures, calledCalls?.() ?? [], inner);
    }
  }

  /** Structured cloning alone would quietly drop prototypes, so each value is looked at first; functions become tokens. */
  private copy(value: unknown, place: Place): unknown {
    const refuse = place.refuse(place.path);
    if (typeof value === 'function') return this.reference(value as AnyFunction, place);
    if (typeof value === 'symbol') throw refuse('a symbol', PLAIN_ONLY);
    if (typeof value !== 'object' || value === null) return value;
    const driverOnly = driverObjectName(value);
    if (driverOnly) throw refuse(driverOnly, 'Collect or broadcast it first', 'CLOSURE_CAPTURES_DRIVER_OBJECT');
    if (types.isProxy(value)) throw refuse('a Proxy', PLAIN_ONLY);
    if (types.isSharedArrayBuffer(value) || (ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer))) {
      throw refuse('shared memory', 'Broadcast it, or copy it to an ordinary array first');
    }
    if (isLeaf(value)) return value;
    const known = this.seen.get(value);
    if (known) return known;
    const packed = pack(value);
    if (packed) return this.remember(value, { [PACKED]: packed });
    return this.copyContainer(value, place);
  }

  private copyContainer(value: object, place: Place): unknown {
    const at = (item: unknown, path: string): unknown => this.copy(item, { ...place, path: `${place.path}${path}` });
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (Array.isArray(value)) {
      const copy: unknown[] = this.remember(value, []);
      for (let i = 0; i < value.length; i++) copy.push(at(value[i], `[${i}]`));
      return copy;
    }
    if (prototype === Map.prototype) {
      const copy = this.remember(value, new Map());
      for (const [key, item] of value as Map<unknown, unknown>) copy.set(at(key, ' (a key)'), at(item, `.get(${String(key)})`));
      return copy;
    }
    if (prototype === Set.prototype) {
      const copy = this.remember(value, new Set());
      for (const item of value as Set<unknown>) copy.add(at(item, ' (an element)'));
      return copy;
    }
    if ((prototype === Object.prototype || prototype === null) && !types.isModuleNamespaceObject(value)) {
      const copy: Record<string, unknown> = this.remember(value, {});
      for (const key of Object.keys(value)) copy[key] = at(Reflect.get(value, key), `.${key}`);
      return copy;
    }
    const what = types.isModuleNamespaceObject(value) ? 'a module' : `an instance of ${className(prototype)}`;
    throw place.refuse(place.path)(
      what,
      types.isModuleNamespaceObject(value) ? 'Import it at the top of the file: then it is simply there' : PLAIN_ONLY,
    );
  }

  private remember<T>(value: object, copy: T): T {
    this.seen.set(value, copy);
    return copy;
  }

  private infoOf(id: string): FunctionInfo {
    const info = this.bundle.functions.get(id);
    if (!info) throw userError(NOT_SHIPPABLE, `The function ${id} belongs to another job.`, { ...this.callPlace() });
    return info;
  }

  private siteOf(info: FunctionInfo, { line, column }: Position): CallSite {
    return { file: displayPath(this.bundle.root, info.file), line, column };
  }

  /** The user's call of the API: for functions that have no place of their own. */
  private callPlace(): { site?: CallSite; frame?: string } {
    const site = userFrame(new Error().stack ?? '', this.bundle);
    if (!site) return {};
    const file = [...this.bundle.sources.keys()].find((name) => displayPath(this.bundle.root, name) === site.file) ?? '';
    return { site, frame: codeFrame(site.file, this.bundle.sources.get(file) ?? '', site.line, site.column, 'here') };
  }

  private failure(
    info: FunctionInfo,
    at: Position,
    title: string,
    note: string,
    hint: string,
    chain: readonly string[],
    condition = NOT_SHIPPABLE,
  ): MinisparkError {
    const site = this.siteOf(info, at);
    const frame = codeFrame(site.file, this.bundle.sources.get(info.file) ?? '', site.line, site.column, note);
    const way = chain.length > 0 ? ` (it is used by ${[...chain].reverse().join(', used by ')})` : '';
    return userError(condition, `A function sent to workers ${title}${way}.`, { hint, site, frame });
  }

  private warn({ message, frame, hint }: MinisparkError): void {
    this.context.warn([message, frame, `hint: ${hint}`].join('\n'));
  }

  private warnOfSize(info: FunctionInfo, bytes: number): void {
    const size = `${(bytes / (1 << 20)).toFixed(1)} MiB`;
    this.warn(
      this.failure(
        info,
        info,
        `carries ${size} of captured values`,
        `${size} with every task`,
        'Broadcast large values: they are sent once to each worker',
        [],
      ),
    );
  }
}

function readThunk(thunk: Thunk, place: Place): { id: string; captures: Captures; calls: readonly unknown[] } {
  try {
    const [id, captures, calls] = thunk();
    return { id, captures, calls: calls?.() ?? [] };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const what = `a function whose captures are not set yet (${error.message})`;
    throw place.refuse(place.path)(what, 'Declare them above the call that ships the function');
  }
}

function refuseFunction(fn: AnyFunction, { path, refuse }: Place): MinisparkError {
  if (/^class\b/.test(Function.prototype.toString.call(fn))) {
    return refuse(path)(`the class ${fn.name || '(anonymous)'}`, 'Declare it at the top level of the module: then it is simply there');
  }
  const name = fn.name ? `the function ${fn.name}` : 'a function';
  return refuse(path)(
    `${name}, which has no place in the bundle`,
    'Methods, bound functions and functions of packages have none: write (x) => f(x)',
  );
}

const DRIVER_ONLY = Symbol.for('minispark.driverOnly');

/** `a DataFrame` for an object that the API has marked as the driver's. */
function driverObjectName(value: object): string | null {
  const mark: unknown = Reflect.get(value, DRIVER_ONLY);
  if (mark === undefined || mark === false) return null;
  return `a ${typeof mark === 'string' ? mark : className(Object.getPrototypeOf(value) as object | null)}`;
}

function className(prototype: object | null): string {
  const maker: unknown = prototype === null ? null : Reflect.get(prototype, 'constructor');
  return typeof maker === 'function' && maker.name ? maker.name : 'an unknown class';
}
