/**
 * Owns: reading what a function closes over, judging whether it can travel, and writing it as bytes.
 * Receives a function of the job's bundle; gives an EncodedClosure, or an error with a code frame at the user's line before anything runs.
 * Captures are read when the function is handed to the API (`.map(fn)`, `udf(fn)`), not when the action runs: later changes do not reach it.
 */
import { serialize } from 'node:v8';
import { type MinisparkError, userError } from '../../core/errors.js';
import { builtinName, type ClosureTable, type EncodedClosure, REF, type Token } from './closure-bytes.js';
import { ClosureReport, NOT_SHIPPABLE } from './closure-report.js';
import { registerOpaque } from './decode.js';
import type { FunctionInfo, JobBundle } from './function-info.js';
import { inlineClosure } from './inline-closure.js';
import { TextJudge } from './judge-text.js';
import { type Packed, sharedIdOf } from './portable.js';
import { type AnyFunction, type Captures, type Thunk, thunkOf } from './runtime.js';
import { firstUserFrame, longStack } from './stacks.js';
import { PLAIN_ONLY, type Place, type Refuse, ValueCopier } from './value-copy.js';

export interface CaptureContext {
  /** The bundle of the job that runs; null in a plain script or test. */
  readonly bundle: JobBundle | null;
  /** Whether functions that no bundle holds may run in this process's own thread instead. */
  readonly allowOpaque: boolean;
  /** Called with complete texts; may see the same one often. */
  warn(text: string): void;
}

/** Above this, sending a copy with every task costs more than a broadcast. */
const LARGE_CAPTURE_BYTES = 1 << 20;

/**
 * Throws user errors CLOSURE_NOT_SHIPPABLE and CLOSURE_CAPTURES_DRIVER_OBJECT, with `site` and `frame`. Warns of changes to captured objects,
 * of module-level objects that other functions change, and of captures above 1 MiB.
 */
export function encodeClosure(fn: AnyFunction, context: CaptureContext): EncodedClosure {
  const { bundle } = context;
  const isBundled = bundle !== null && (thunkOf(fn) !== null || builtinName(fn) !== null);
  if (!isBundled && context.allowOpaque) {
    return { id: registerOpaque(fn), name: fn.name, site: firstUserFrame(longStack()), captures: '', shared: [], inline: null };
  }
  if (bundle === null) throw withoutBundle(fn);
  return new ClosureWriter(bundle, new ClosureReport(bundle, (text) => context.warn(text))).encode(fn);
}

function withoutBundle(fn: AnyFunction): MinisparkError {
  const name = fn.name ? `The function ${fn.name}` : 'This function';
  return userError(NOT_SHIPPABLE, `${name} cannot travel to other processes: it was not bundled.`, {
    hint: "Put the code into a job file, `export default job(async (spark) => { … })`, and run it with minispark submit; or use the master 'local'",
    site: firstUserFrame(longStack()) ?? undefined,
  });
}

class ClosureWriter extends ValueCopier {
  private readonly bundle: JobBundle;
  private readonly report: ClosureReport;
  private readonly judge: TextJudge;
  private readonly functions: ClosureTable['functions'][number][] = [];
  private readonly shared = new Set<string>();

  constructor(bundle: JobBundle, report: ClosureReport) {
    super();
    this.bundle = bundle;
    this.report = report;
    this.judge = new TextJudge(report, (id) => this.infoOf(id));
  }

  encode(fn: AnyFunction): EncodedClosure {
    const refuse: Refuse = (what, hint, condition = NOT_SHIPPABLE) =>
      userError(condition, `Cannot send to workers: ${what}.`, { hint, ...this.report.callPlace() });
    const root = this.reference(fn, { path: '', refuse: () => refuse, chain: [] }) as Token;
    const bytes = this.serialize({ bundle: this.bundle.hash, root, functions: this.functions }, refuse);
    const captures = bytes.toString('base64');
    const builtin = builtinName(fn);
    if (builtin) return { id: builtin, name: builtin, site: this.report.callPlace().site ?? null, captures, shared: [], inline: null };
    const [first] = this.functions;
    const info = this.infoOf(first.id);
    if (bytes.length > LARGE_CAPTURE_BYTES) this.warnOfSize(info, bytes.length);
    return {
      id: info.id,
      name: info.name,
      site: this.report.site(info),
      captures,
      shared: [...this.shared],
      inline: inlineClosure(info.inline, first.captures),
      ...(info.parameterTypes && { parameterTypes: info.parameterTypes }),
    };
  }

  private serialize(table: ClosureTable, refuse: Refuse): Buffer {
    try {
      return serialize(table);
    } catch (error) {
      throw refuse(`what the function captures (${error instanceof Error ? error.message : String(error)})`, PLAIN_ONLY);
    }
  }

  protected reference(fn: AnyFunction, place: Place): unknown {
    const known = this.seen.get(fn);
    if (known) return known;
    const builtin = builtinName(fn);
    if (builtin) return { [REF]: builtin };
    const thunk = thunkOf(fn);
    if (!thunk) throw refuseFunction(fn, place);
    const { id, captures, calls } = readThunk(thunk, place);
    const info = this.infoOf(id);
    this.judge.judge(info, captures, calls, place.chain);
    const token = this.remember(fn, { [REF]: this.functions.length });
    const entry = { id, captures: {} as Record<string, unknown> };
    this.functions.push(entry);
    const chain = [...place.chain, this.report.describe(info)];
    for (const [name, value] of Object.entries(captures)) {
      const at = info.captures[name];
      const refuse =
        (path: string): Refuse =>
        (what, hint, condition) =>
          this.report.failure({ info, at, title: `captures ${path}: ${what}`, note: 'captured here', hint, chain: place.chain, condition });
      entry.captures[name] = this.copy(value, { path: name, refuse, chain });
    }
    return token;
  }

  protected onPacked(packed: Packed): void {
    const id = sharedIdOf(packed);
    if (id !== null) this.shared.add(id);
  }

  private infoOf(id: string): FunctionInfo {
    const info = this.bundle.functions.get(id);
    if (!info) throw userError(NOT_SHIPPABLE, `The function ${id} belongs to another job.`, this.report.callPlace());
    return info;
  }

  private warnOfSize(info: FunctionInfo, bytes: number): void {
    const size = `${(bytes / (1 << 20)).toFixed(1)} MiB`;
    this.report.warn({
      info,
      at: info,
      title: `carries ${size} of captured values`,
      note: `${size} with every task`,
      hint: 'Broadcast large values: they are sent once to each worker',
      chain: [],
    });
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
  const name = fn.name.trim() ? `the function ${fn.name.trim()}` : 'a function';
  const remedy = path ? 'keep an arrow function there, (x) => …' : 'write (x) => f(x)';
  return refuse(path)(
    `${name}, which has no place in the bundle`,
    `Methods of classes, bound functions and functions of packages have none: ${remedy}`,
  );
}
