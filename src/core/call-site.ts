/**
 * Owns: finding the user's line for an API call. The driver installs how a stack becomes a user's place (source maps are its business);
 * where none is installed, in task threads, call sites are null and cost nothing.
 */
import type { CallSite } from './errors.js';

let resolver: ((stack: string) => CallSite | null) | null = null;

export function installSiteResolver(resolve: ((stack: string) => CallSite | null) | null): void {
  resolver = resolve;
}

/** The user's place that called the API function which calls this; null where it is not known. */
export function callSite(): CallSite | null {
  if (resolver === null) return null;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 16;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = limit;
  return resolver(stack);
}
