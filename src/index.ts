/**
 * Owns: what `import … from 'minispark'` gives: the public surface, and no more. Importing it is light: the engine is loaded when the first
 * session is opened. Job files import from here for their types; their bundles read the same names from frontend/api/install.ts.
 */
import { installApi } from './frontend/api/install.js';
import { installBackendOpener } from './frontend/api/session.js';

export { type CallSite, type ErrorKind, MinisparkError } from './core/errors.js';
export type { Event, EventListener } from './core/events.js';
export type { BatchData, BatchView, ColumnData, ColumnView } from './data/batch-view.js';
export { Decimal } from './data/decimal.js';
export { DayTimeInterval, YearMonthInterval } from './data/interval.js';
export { LocalDate, LocalDateTime, Timestamp } from './data/temporal.js';
export type { DataType, Field, Schema } from './data/types.js';
export { Accumulator } from './frontend/api/accumulator.js';
export type { ExplainMode } from './frontend/api/backend.js';
export { Broadcast } from './frontend/api/broadcast.js';
export type { CaseColumn } from './frontend/api/case-column.js';
export { Column, type Operand } from './frontend/api/column.js';
export type { ColumnOrName } from './frontend/api/column-names.js';
export { DataFrame } from './frontend/api/dataframe.js';
export { Dataset } from './frontend/api/dataset.js';
export type { AnyRow, RowOf } from './frontend/api/ddl-types.js';
export * from './frontend/api/functions-aggregate.js';
export * from './frontend/api/functions-collection.js';
export * from './frontend/api/functions-core.js';
export * from './frontend/api/functions-lambda.js';
export * from './frontend/api/functions-math.js';
export * from './frontend/api/functions-order.js';
export * from './frontend/api/functions-rows.js';
export * from './frontend/api/functions-statistics.js';
export * from './frontend/api/functions-string.js';
export * from './frontend/api/functions-time.js';
export * from './frontend/api/functions-window.js';
export type { GroupedData } from './frontend/api/grouped-data.js';
export { type AnyArgs, type ArgSpec, type ArgSpecs, type Job, type JobArgs, job } from './frontend/api/job.js';
export { broadcast } from './frontend/api/join-hint.js';
export type { InputRow } from './frontend/api/local-data.js';
export type { BatchMapper } from './frontend/api/map-batches.js';
export { type Emit, type MapReduce, mapReduce } from './frontend/api/map-reduce.js';
export type { DataFrameReader } from './frontend/api/reader.js';
export type { KeyPartitioner, RepartitionOptions } from './frontend/api/repartition.js';
export type { ResultBatch } from './frontend/api/result-batch.js';
export { explodeSalt, type SaltedJoinOptions, type SaltedJoinType, salt } from './frontend/api/salt.js';
export type { ServedRows, ServeOptions } from './frontend/api/served-rows.js';
export { createSession, Session, type SessionBuilder } from './frontend/api/session.js';
export type { SortOrder } from './frontend/api/sort-order.js';
export type { TaskInfo } from './frontend/api/task-info.js';
export { type AggregateFunctions, type UdafOptions, udaf } from './frontend/api/udaf.js';
export { type UdfOptions, udf } from './frontend/api/udf.js';
export { type FrameEnd, Window, WindowSpec } from './frontend/api/window.js';
export type { DataFrameWriter } from './frontend/api/writer.js';
export type { JoinType, SaveMode, StorageLevel } from './frontend/plan/logical.js';

installApi();
installBackendOpener(async (options) => (await import('./runtime/driver/backend.js')).openBackend(options));
