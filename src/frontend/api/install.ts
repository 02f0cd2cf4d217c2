/**
 * Owns: the public names as one object on globalThis, from which job bundles read what they import from 'minispark': so a bundle shares
 * the classes of the process that runs it. src/index.ts exports the same names; a test holds the two together.
 */
import { MinisparkError } from '../../core/errors.js';
import { Decimal } from '../../data/decimal.js';
import { DayTimeInterval, YearMonthInterval } from '../../data/interval.js';
import { LocalDate, LocalDateTime, Timestamp } from '../../data/temporal.js';
import { Accumulator } from './accumulator.js';
import { Broadcast } from './broadcast.js';
import { Column } from './column.js';
import { DataFrame } from './dataframe.js';
import { Dataset } from './dataset.js';
import * as aggregateFunctions from './functions-aggregate.js';
import * as collectionFunctions from './functions-collection.js';
import * as coreFunctions from './functions-core.js';
import * as lambdaFunctions from './functions-lambda.js';
import * as mathFunctions from './functions-math.js';
import * as orderFunctions from './functions-order.js';
import * as rowFunctions from './functions-rows.js';
import * as statisticsFunctions from './functions-statistics.js';
import * as stringFunctions from './functions-string.js';
import * as timeFunctions from './functions-time.js';
import * as windowFunctions from './functions-window.js';
import { job } from './job.js';
import { broadcast } from './join-hint.js';
import { mapReduce } from './map-reduce.js';
import { explodeSalt, salt } from './salt.js';
import { createSession, Session } from './session.js';
import { udaf } from './udaf.js';
import { udf } from './udf.js';
import { Window, WindowSpec } from './window.js';

const API = Symbol.for('minispark.api');

const publicNames = {
  ...aggregateFunctions,
  ...collectionFunctions,
  ...coreFunctions,
  ...lambdaFunctions,
  ...mathFunctions,
  ...orderFunctions,
  ...rowFunctions,
  ...statisticsFunctions,
  ...stringFunctions,
  ...timeFunctions,
  broadcast,
  Accumulator,
  Broadcast,
  ...windowFunctions,
  Column,
  createSession,
  DataFrame,
  DayTimeInterval,
  Dataset,
  Decimal,
  explodeSalt,
  job,
  LocalDate,
  LocalDateTime,
  mapReduce,
  MinisparkError,
  salt,
  Session,
  Timestamp,
  udaf,
  udf,
  Window,
  WindowSpec,
  YearMonthInterval,
};

/** Puts the names on this thread's globalThis unless they are there; gives them, for the list that bundling needs. May be called many times. */
export function installApi(): Readonly<Record<string, unknown>> {
  const scope = globalThis as { [API]?: Readonly<Record<string, unknown>> };
  scope[API] ??= Object.freeze(publicNames);
  return scope[API];
}
