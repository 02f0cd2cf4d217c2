/** Owns: what a function of the user may know of the task that calls it; it comes as the last argument. */
export interface TaskInfo {
  /** Of its stage, from 0. */
  readonly partition: number;
  /** Earlier tries at the same partition failed or were lost; from 0. */
  readonly attempt: number;
  /** Where the element was read: the file's URI. Only in a stage that reads text files. */
  readonly fileName?: string;
  /** The byte at which the element's line begins in that file. */
  readonly offset?: number;
}
