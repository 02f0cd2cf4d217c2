/** Owns: rows that a session offers to clients of Apache Arrow Flight, as their author sees them. */

export interface ServeOptions {
  /** What readers must show as bearer token; a random one by default. */
  readonly token?: string;
}

export interface ServedRows {
  readonly name: string;
  /** `grpc://host:port`, what a Flight client connects to. */
  readonly uri: string;
  readonly token: string;
  /** What DoGet takes. */
  readonly ticket: string;
  /** Resolves when somebody has read all rows for the first time. Rejects where they are closed before. */
  readonly taken: Promise<void>;
  /** Takes them back; readers that are at it are ended. */
  close(): void;
}
