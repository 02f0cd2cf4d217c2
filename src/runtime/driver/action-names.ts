/** Owns: what the actions of a job are called in tables, logs and events: the job's name and the line that asked for them. */
import { basename } from 'node:path';
import type { CallSite } from '../../core/errors.js';

export class ActionNames {
  private readonly job: string;
  private readonly given = new Map<string, number>();

  /** `job`: the name of the job's file, or what the user calls it. */
  constructor(job: string) {
    this.job = job;
  }

  /** `etl.ts:12`, and `etl.ts:12 (2)` when it comes again; `nightly (etl.ts:12)` of a job with a name; the job's name where no line is known. */
  next(site: CallSite | null): string {
    const name = this.at(site);
    const times = (this.given.get(name) ?? 0) + 1;
    this.given.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  }

  private at(site: CallSite | null): string {
    if (site === null) return this.job;
    const file = basename(site.file);
    return file === this.job ? `${file}:${site.line}` : `${this.job} (${file}:${site.line})`;
  }
}
