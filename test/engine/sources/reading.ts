/** Reads files through sources as a task would, for the tests of this room. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Batch } from '../../../src/data/batch.js';
import { type DataType, type Schema, schemaOf } from '../../../src/data/types.js';
import { type EngineValue, readValue } from '../../../src/data/value.js';
import { sourceOf } from '../../../src/engine/sources/registry.js';
import type { Options, ReadRequest, Split } from '../../../src/engine/sources/source.js';
import type { BoundExpr, ScanFile } from '../../../src/frontend/plan/resolved.js';

/** A fresh directory; `dispose` removes it. */
export function tempDir(): { path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'minispark-sources-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

export function fileOf(path: string, content?: string | Uint8Array): ScanFile {
  if (content !== undefined) writeFileSync(path, content);
  return { uri: pathToFileURL(path).href, bytes: statSync(path).size, values: [] };
}

export interface ReadSettings {
  readonly schema?: Schema;
  readonly columns?: Schema;
  readonly partitionSchema?: Schema;
  readonly options?: Options;
  readonly filters?: readonly BoundExpr[];
  readonly splitBytes?: number;
  readonly batchRows?: number;
  readonly batchBytes?: number;
}

export async function requestFor(format: string, files: readonly ScanFile[], settings: ReadSettings): Promise<ReadRequest> {
  const options = settings.options ?? {};
  const fileSchema = settings.schema ?? (await sourceOf(format).inferSchema(files, options));
  const partitionSchema = settings.partitionSchema ?? schemaOf();
  return {
    fileSchema,
    partitionSchema,
    columns: settings.columns ?? schemaOf(...fileSchema.fields, ...partitionSchema.fields),
    filters: settings.filters ?? [],
    options,
    batchRows: settings.batchRows ?? 1000,
    batchBytes: settings.batchBytes ?? 1 << 16,
    // Every reader here is done with a batch before it asks for the next: the harder case.
    recycles: true,
    checkCancelled() {},
    metrics: { inputBytes: 0, inputRows: 0, skippedRows: 0 },
  };
}

export function batchRows(batch: Batch, schema: Schema): EngineValue[][] {
  for (const column of batch.columns)
    if (column.length !== batch.length) throw new Error(`a column of ${column.length} in a batch of ${batch.length}`);
  return Array.from({ length: batch.length }, (_, row) =>
    batch.columns.map((column, i) => readValue(column, schema.fields[i].type as DataType, row)),
  );
}

async function readSplitRows(format: string, split: Split, request: ReadRequest): Promise<EngineValue[][]> {
  const rows: EngineValue[][] = [];
  for await (const batch of sourceOf(format).readSplit(split, request)) rows.push(...batchRows(batch, request.columns));
  return rows;
}

/** All rows of all splits in order. */
export async function readRowsOf(format: string, files: readonly ScanFile[], settings: ReadSettings = {}): Promise<EngineValue[][]> {
  const request = await requestFor(format, files, settings);
  const rows: EngineValue[][] = [];
  for (const split of sourceOf(format).planSplits(files, request.options, settings.splitBytes ?? 1 << 20)) {
    rows.push(...(await readSplitRows(format, JSON.parse(JSON.stringify(split)), request)));
  }
  return rows;
}
