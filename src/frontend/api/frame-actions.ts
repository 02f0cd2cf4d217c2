/**
 * Owns: what runs a DataFrame: the actions that collect, show, count and describe its rows. Each is async and throws user errors of the plan.
 * DataFrame extends it by everything that builds plans.
 */
import { callSite } from '../../core/call-site.js';
import type { Batch } from '../../data/batch.js';
import { schemaTree } from '../../data/schema-text.js';
import type { Schema } from '../../data/types.js';
import { readValue } from '../../data/value.js';
import { zoneOf } from '../../data/zone.js';
import type { Plan } from '../plan/logical.js';
import type { ExplainMode } from './backend.js';
import { count } from './functions-aggregate.js';
import { Keepable } from './keepable.js';
import { ResultBatch } from './result-batch.js';
import { collectBatches, collectCount, rowObjects } from './results.js';
import { wholeNumber } from './whole-number.js';

const limitPlan = (child: Plan, limit: number): Plan => Object.freeze({ kind: 'limit', child, limit, offset: 0 });

/** One row: how many the child has. */
export const countPlan = (child: Plan): Plan =>
  Object.freeze({ kind: 'aggregate', child, groupings: Object.freeze([]), aggregates: Object.freeze([count().expr]), site: callSite() });

/** The batches with one more, less those at the start of which none is among the last `wanted` rows: only these are made objects. */
function withLast(batches: readonly Batch[], next: Batch, wanted: number): Batch[] {
  const all = [...batches, next];
  let rows = all.reduce((sum, { length }) => sum + length, 0);
  let first = 0;
  while (first < all.length && rows - all[first].length >= wanted) rows -= all[first++].length;
  return all.slice(first);
}

export abstract class FrameActions<S> extends Keepable {
  /** Never there at run time: it holds S for the compiler. */
  declare readonly row?: S;

  /** All rows, as objects. Bounded by `driver.maxResultSize`. */
  async collect(): Promise<S[]> {
    return this.collectPlan(this.plan);
  }

  private async collectPlan(plan: Plan): Promise<S[]> {
    const { schema, batches } = await collectBatches(this.session, plan);
    const rows: Record<string, unknown>[] = [];
    for (const batch of batches) for (const row of rowObjects(schema, batch)) rows.push(row);
    return rows as S[];
  }

  async take(rows: number): Promise<S[]> {
    return this.collectPlan(limitPlan(this.plan, wholeNumber(rows, 'take')));
  }

  /** The first row, or null where there is none; with a number, so many first rows. */
  async head(): Promise<S | null>;
  async head(rows: number): Promise<S[]>;
  async head(rows?: number): Promise<S | null | S[]> {
    return rows === undefined ? this.first() : this.take(rows);
  }

  /** The last rows, in their order. All rows pass through the driver, and only so many are kept. */
  async tail(rows: number): Promise<S[]> {
    const wanted = wholeNumber(rows, 'tail');
    const { schema, batches } = await this.session.backend.execute(this.plan);
    let last: Batch[] = [];
    for await (const batch of batches) last = withLast(last, batch, wanted);
    const objects = last.flatMap((batch) => rowObjects(schema, batch));
    return objects.slice(Math.max(0, objects.length - wanted)) as S[];
  }

  /** The first row, or null where there is none. */
  async first(): Promise<S | null> {
    return (await this.take(1))[0] ?? null;
  }

  /** Number of rows. */
  async count(): Promise<number> {
    return collectCount(this.session, countPlan(this.plan));
  }

  async isEmpty(): Promise<boolean> {
    return (await collectCount(this.session, countPlan(limitPlan(this.plan, 1)))) === 0;
  }

  /** All rows as an apache-arrow Table. Bounded by `driver.maxResultSize`. */
  async toArrow(): Promise<import('apache-arrow').Table> {
    const { schema, batches } = await collectBatches(this.session, this.plan);
    const { toArrowTable } = await import('../../data/arrow-interop.js');
    return toArrowTable(schema, batches);
  }

  /** Rows a batch at a time, in bounded memory: leave the loop early and the rest is cancelled. */
  async *batches(): AsyncGenerator<ResultBatch<S>, void, undefined> {
    const { schema, batches } = await this.session.backend.execute(this.plan);
    for await (const batch of batches) yield new ResultBatch<S>(schema, batch);
  }

  /** Prints the first rows as a table. `truncate`: most characters of a cell; true is 20, false all of them. */
  async show(rows = 20, truncate: boolean | number = true): Promise<void> {
    const text = await this.showString(rows, truncate);
    if (!this.session.backend.onlyExplains) console.log(text);
  }

  /** What show() prints, ending in a newline. */
  async showString(rows = 20, truncate: boolean | number = true): Promise<string> {
    const wanted = wholeNumber(rows, 'show');
    const { schema, batches } = await collectBatches(this.session, limitPlan(this.plan, wanted + 1));
    // Task threads load this file too, and show nothing.
    const { cellText, tableText } = await import('./show-text.js');
    const types = schema.fields.map((f) => f.type);
    const zone = zoneOf(this.session.config.get('session.timeZone'));
    const cells = batches.flatMap((batch) =>
      Array.from({ length: batch.length }, (_, row) =>
        types.map((type, i) => cellText(readValue(batch.columns[i], type, row), type, zone)),
      ),
    );
    const width = typeof truncate === 'number' ? Math.max(0, truncate) : truncate ? 20 : 0;
    return tableText(
      schema.fields.map((f) => f.name),
      cells.slice(0, wanted),
      width,
      cells.length > wanted,
    );
  }

  /** Prints the plan: `simple` the physical one, `extended` every step to it, `codegen` the JavaScript that runs, `why` what decided. */
  async explain(mode: ExplainMode = 'simple'): Promise<void> {
    console.log(await this.session.backend.explain(this.plan, mode));
  }

  /** Names and types of the columns; unknown names and wrong types are found here at the latest. */
  async schema(): Promise<Schema> {
    return this.session.backend.analyze(this.plan);
  }

  async columns(): Promise<string[]> {
    return (await this.schema()).fields.map((f) => f.name);
  }

  async printSchema(): Promise<void> {
    console.log(schemaTree(await this.schema()));
  }
}
