/**
 * Owns: judging a function by its text alone: ties to its place, changes to what it captured, reads of what will be stale on a worker;
 * also of the module-level functions that it calls. Throws the first error, reports warnings.
 */
import type { ClosureReport } from './closure-report.js';
import type { FunctionInfo } from './function-info.js';
import { pack } from './portable.js';
import { type AnyFunction, type Captures, thunkOf } from './runtime.js';

export class TextJudge {
  private readonly report: ClosureReport;
  private readonly infoOf: (id: string) => FunctionInfo;
  private readonly judged = new Set<string>();

  constructor(report: ClosureReport, infoOf: (id: string) => FunctionInfo) {
    this.report = report;
    this.infoOf = infoOf;
  }

  /** `calls`: values of the module-level bindings that the function may call; `chain`: functions that led here. */
  judge(info: FunctionInfo, captures: Captures, calls: readonly unknown[], chain: readonly string[]): void {
    this.judgeTies(info, chain);
    this.judgeState(info, captures, calls, chain);
  }

  /** Functions that are called are in the bundle already: only what they read and change can be wrong there. */
  private judgeState(info: FunctionInfo, captures: Captures, calls: readonly unknown[], chain: readonly string[]): void {
    if (this.judged.has(info.id)) return;
    this.judged.add(info.id);
    this.judgeChanges(info, captures, chain);
    this.judgeStaleReads(info, chain);
    const inner = [...chain, this.report.describe(info)];
    for (const called of calls) {
      const thunk = typeof called === 'function' ? thunkOf(called as AnyFunction) : null;
      if (!thunk) continue;
      const [id, calledCaptures, calledCalls] = thunk();
      this.judgeState(this.infoOf(id), calledCaptures, calledCalls?.() ?? [], inner);
    }
  }

  private judgeTies(info: FunctionInfo, chain: readonly string[]): void {
    const [tie] = info.refusals;
    if (!tie) return;
    const { what, at } = tie;
    const hint = what === 'this' ? 'Copy what you need first: const prefix = this.prefix' : 'Pass what you need in as a local const';
    throw this.report.failure({ info, at, title: `uses ${what}`, note: `${what} stays on the driver`, hint, chain });
  }

  private judgeChanges(info: FunctionInfo, captures: Captures, chain: readonly string[]): void {
    for (const { name, kind, at } of info.changes) {
      const isLocal = Object.hasOwn(captures, name);
      const hint = 'Return a value and aggregate it instead';
      if (kind === 'assigns') {
        const once = isLocal ? '' : `; to compute ${name} once on each worker, write ${name} ??= …`;
        const note = 'a copy on the worker would change, not yours';
        throw this.report.failure({ info, at, title: `assigns to ${name}`, note, hint: hint + once, chain });
      }
      // A Map or Set of the module that a function fills and reads is a cache; and an accumulator is there to be changed.
      const value = captures[name];
      if (!isLocal || (typeof value === 'object' && value !== null && pack(value))) continue;
      this.report.warn({ info, at, title: `changes ${name}`, note: 'changes a copy on the worker', hint, chain });
    }
  }

  private judgeStaleReads(info: FunctionInfo, chain: readonly string[]): void {
    for (const { name, kind, at, changedAt } of info.stale) {
      const finding = {
        info,
        at,
        title: `reads ${name}, which ${this.report.line(changedAt.file, changedAt)} changes`,
        note: 'workers see the value from loading the module',
        hint: 'Copy it to a const inside the job, and use that',
        chain,
      };
      if (kind === 'assigns') throw this.report.failure(finding);
      this.report.warn(finding);
    }
  }
}
