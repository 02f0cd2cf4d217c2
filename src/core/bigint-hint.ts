/** Owns: what to do where a user's code, on the driver or in a task, meets an int64 value and takes it for a number. */

/** Of what JavaScript throws then; undefined for anything else. */
export function bigintHint(thrown: unknown): string | undefined {
  if (!(thrown instanceof TypeError)) return undefined;
  if (thrown.message.includes('serialize a BigInt')) return "int64 columns are bigint, which JSON has not: cast('int'), or Number(value)";
  if (/^Cannot (mix BigInt|convert a BigInt)/.test(thrown.message))
    return 'int64 columns are bigint: write 1n for 1, or take Number(value)';
  return undefined;
}
