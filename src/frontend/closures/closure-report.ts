/**
 * Owns: how a finding about a function that was to be shipped is told: one sentence, the user's line, the way that led there, a remedy.
 */
import { type CallSite, type MinisparkError, userError } from '../../core/errors.js';
import { codeFrame, displayPath } from './code-frame.js';
import type { FunctionInfo, JobBundle, Position } from './function-info.js';
import { frameAt, longStack, userFrame } from './stacks.js';

export const NOT_SHIPPABLE = 'CLOSURE_NOT_SHIPPABLE';

export interface Finding {
  readonly info: FunctionInfo;
  readonly at: Position;
  /** Goes on from `A function sent to workers …`. */
  readonly title: string;
  /** Beside the caret. */
  readonly note: string;
  readonly hint: string;
  /** Functions that led here, outermost first, as `describe` names them. */
  readonly chain: readonly string[];
  readonly condition?: string;
}

export class ClosureReport {
  private readonly bundle: JobBundle;
  private readonly print: (text: string) => void;

  constructor(bundle: JobBundle, print: (text: string) => void) {
    this.bundle = bundle;
    this.print = print;
  }

  failure({ info, at, title, note, hint, chain, condition = NOT_SHIPPABLE }: Finding): MinisparkError {
    const site = this.site(info, at);
    const frame = codeFrame(site.file, this.bundle.sources.get(info.file) ?? '', site.line, site.column, note);
    const way = chain.length > 0 ? ` (it is used by ${[...chain].reverse().join(', used by ')})` : '';
    return userError(condition, `A function sent to workers ${title}${way}.`, { hint, site, frame });
  }

  warn(finding: Finding): void {
    const { message, frame, hint } = this.failure(finding);
    this.print([message, frame, `hint: ${hint}`].join('\n'));
  }

  site(info: FunctionInfo, { line, column }: Position = info): CallSite {
    return { file: displayPath(this.bundle.root, info.file), line, column };
  }

  describe(info: FunctionInfo): string {
    return `${info.name || 'the function'} at ${this.line(info.file, info)}`;
  }

  line(file: string, { line }: Position): string {
    return `${displayPath(this.bundle.root, file)}:${line}`;
  }

  /** The user's call of the API: for functions that have no place of their own. */
  callPlace(): { readonly site?: CallSite; readonly frame?: string } {
    const site = userFrame(longStack(), this.bundle);
    return site ? { site, frame: frameAt(site, this.bundle, 'here') ?? undefined } : {};
  }
}
