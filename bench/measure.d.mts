/** Types of measure.mjs for tests that run whole processes. */
export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number | null;
  /** Highest sum of its processes in bytes; null where it was not sampled. */
  readonly memory: number | null;
  readonly out: string;
}
export function measure(
  command: string,
  args: readonly string[],
  options?: {
    readonly sampleMemory?: boolean;
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly limitMs?: number;
  },
): Promise<Measured>;
