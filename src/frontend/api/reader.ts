/** Owns: what stands between `spark.read` and a DataFrame over files: schema and options. Every call gives a new reader. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import type { Schema } from '../../data/types.js';
import type { FileFormat } from '../plan/logical.js';
import { DataFrame } from './dataframe.js';
import type { AnyRow, RowOf } from './ddl-types.js';
import { DRIVER_ONLY } from './driver-only.js';
import { type OptionValue, optionText } from './options.js';
import { checkPath } from './path.js';
import type { SessionContext } from './results.js';
import { schemaOfText } from './type-text.js';

/** `S` is the row of the schema that was given. A path may be a file, a directory or a pattern (`logs/*.txt`). */
export class DataFrameReader<S = AnyRow> {
  private readonly session: SessionContext;
  private readonly given: Schema | null;
  private readonly settings: Readonly<Record<string, string>>;
  readonly [DRIVER_ONLY] = 'DataFrameReader';

  constructor(session: SessionContext, given: Schema | null = null, settings: Readonly<Record<string, string>> = {}) {
    this.session = session;
    this.given = given;
    this.settings = settings;
  }

  /** The columns of the files, as DDL (`'id bigint, name string'`) or Schema; nothing is then inferred. */
  schema<const D extends string | Schema>(schema: D): DataFrameReader<RowOf<D>> {
    return new DataFrameReader(this.session, schemaOfText(schema), this.settings);
  }

  option(name: string, value: OptionValue): DataFrameReader<S> {
    return this.options({ [name]: value });
  }

  options(options: Readonly<Record<string, OptionValue>>): DataFrameReader<S> {
    return new DataFrameReader(this.session, this.given, Object.freeze({ ...this.settings, ...optionText(options) }));
  }

  /** One row a line, in column `value`. */
  text(...paths: readonly string[]): DataFrame<{ value: string }> {
    return this.load('text', paths);
  }

  csv(...paths: readonly string[]): DataFrame<S> {
    return this.load('csv', paths);
  }

  /** One JSON object a line. */
  json(...paths: readonly string[]): DataFrame<S> {
    return this.load('json', paths);
  }

  parquet(...paths: readonly string[]): DataFrame<S> {
    return this.load('parquet', paths);
  }

  /** Arrow IPC files and streams. */
  arrow(...paths: readonly string[]): DataFrame<S> {
    return this.load('arrow', paths);
  }

  private load<R>(format: FileFormat, paths: readonly string[]): DataFrame<R> {
    if (paths.length === 0)
      throw userError('INVALID_ARGUMENT', `read.${format}() takes at least one path.`, { site: callSite() ?? undefined });
    for (const path of paths) checkPath(path, `read.${format}`);
    return new DataFrame(this.session, {
      kind: 'read',
      format,
      paths: Object.freeze([...paths]),
      schema: this.given,
      options: this.settings,
      site: callSite(),
    });
  }
}
