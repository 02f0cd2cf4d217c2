/** Owns: a `read` → the files that it means, their schema (given or inferred) and what is known of their rows. */
import type { Config } from '../../core/config.js';
import { userError } from '../../core/errors.js';
import type { DataType, Field, Schema } from '../../data/types.js';
import { resolveUri } from '../../engine/sources/fs.js';
import { discoverFiles } from '../../engine/sources/partitions.js';
import { sourceOf } from '../../engine/sources/registry.js';
import type { FileStatistics } from '../../engine/sources/source.js';
import type { PlanOf } from '../../frontend/plan/logical.js';
import type { ScanSpec } from '../../frontend/plan/resolved.js';
import { sameName } from './scope.js';

export interface ResolvedScan {
  readonly scan: ScanSpec;
  /** Rows in all files, where the format knows without reading. */
  readonly rows: number | null;
  readonly ranges?: FileStatistics['ranges'];
  /** Every column, partition columns last, unless a given schema orders them otherwise. */
  readonly columns: readonly Field[];
}

/** Throws PATH_NOT_FOUND, UNABLE_TO_INFER_SCHEMA, CORRUPT_FILE and others of the sources. */
export async function resolveScan(read: PlanOf<'read'>, config: Config): Promise<ResolvedScan> {
  const source = sourceOf(read.format);
  const root = config.get('storage.root') || process.cwd();
  if (read.paths.length === 0) throw userError('PATH_NOT_FOUND', 'This read names no path.', { site: read.site ?? undefined });
  const uris = read.paths.map((path) => resolveUri(path, root, read.site));
  const { files, partitionSchema } = await discoverFiles(uris, read.options, read.site);
  const given = read.schema && nullable(withoutPartitions(read.schema, partitionSchema));
  const fileSchema = given ?? (await source.inferSchema(files, read.options));
  const statistics = source.statistics ? await source.statistics(files) : null;
  const own = withoutPartitions(fileSchema, partitionSchema);
  const columns = read.schema ? orderAs(read.schema, own, partitionSchema) : [...own.fields, ...partitionSchema.fields];
  return {
    scan: { format: read.format, options: read.options, files, fileSchema: own, partitionSchema },
    rows: statistics?.rows ?? null,
    columns,
    ranges: statistics?.ranges,
  };
}

/** What a user says of files binds nobody who writes them: any column may be missing or null, as in Spark. */
const nullable = ({ fields }: Schema): Schema => ({ fields: fields.map((f) => ({ ...f, nullable: true, type: nullableType(f.type) })) });

function nullableType(type: DataType): DataType {
  switch (type.kind) {
    case 'array':
      return { ...type, element: nullableType(type.element), containsNull: true };
    case 'map':
      return { ...type, key: nullableType(type.key), value: nullableType(type.value), valueContainsNull: true };
    case 'struct':
      return { ...type, fields: nullable(type).fields };
    default:
      return type;
  }
}

const withoutPartitions = (schema: Schema, partitions: Schema): Schema => ({
  fields: schema.fields.filter((field) => !partitions.fields.some((p) => sameName(p.name, field.name))),
});

function orderAs(wanted: Schema, own: Schema, partitions: Schema): readonly Field[] {
  const all = [...own.fields, ...partitions.fields];
  const named = wanted.fields.flatMap((field) => all.find((column) => sameName(column.name, field.name)) ?? []);
  return [...named, ...all.filter((column) => !named.includes(column))];
}
