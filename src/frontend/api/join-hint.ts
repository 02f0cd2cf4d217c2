/** Owns: `broadcast(df)`: these rows are few, so a join should send them whole to every task. */
import type { DataFrame } from './dataframe.js';

/** The same as `df.hint('broadcast')`. */
export function broadcast<S>(rows: DataFrame<S>): DataFrame<S> {
  return rows.hint('broadcast');
}
