/** Owns: what stands between `df.write` and the files: mode, options and partition columns. Every call gives a new writer; a format writes. */
import { callSite } from '../../core/call-site.js';
import { userError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import type { FileFormat, Plan, SaveMode, WriteSpec } from '../plan/logical.js';
import { DRIVER_ONLY } from './driver-only.js';
import { type OptionValue, optionText } from './options.js';
import { checkPath } from './path.js';
import { runToEnd, type SessionContext } from './results.js';

type Settings = Pick<WriteSpec, 'mode' | 'partitionBy' | 'options'>;

const MODES: readonly SaveMode[] = ['error', 'overwrite', 'append', 'ignore'];

export class DataFrameWriter {
  private readonly session: SessionContext;
  private readonly plan: Plan;
  private readonly settings: Settings;
  readonly [DRIVER_ONLY] = 'DataFrameWriter';

  constructor(session: SessionContext, plan: Plan, settings: Settings = { mode: 'error', partitionBy: [], options: {} }) {
    this.session = session;
    this.plan = plan;
    this.settings = settings;
  }

  /** What to do where the path exists: `error` unless said. `overwrite` replaces it only once the job has succeeded. */
  mode(mode: SaveMode): DataFrameWriter {
    if (!MODES.includes(mode)) {
      throw userError('INVALID_SAVE_MODE', `There is no mode '${mode}' of writing.`, {
        hint: didYouMean(mode, MODES) || `There are ${MODES.join(', ')}`,
        site: callSite() ?? undefined,
      });
    }
    return this.with({ mode });
  }

  /** One directory `name=value` a value, in this order; the files then lack the columns. */
  partitionBy(...names: readonly string[]): DataFrameWriter {
    return this.with({ partitionBy: Object.freeze([...names]) });
  }

  option(name: string, value: OptionValue): DataFrameWriter {
    return this.options({ [name]: value });
  }

  options(options: Readonly<Record<string, OptionValue>>): DataFrameWriter {
    return this.with({ options: Object.freeze({ ...this.settings.options, ...optionText(options) }) });
  }

  /** One line a row: the DataFrame has one column, of strings. */
  async text(path: string): Promise<void> {
    return this.save('text', path);
  }

  async csv(path: string): Promise<void> {
    return this.save('csv', path);
  }

  /** One JSON object a line. */
  async json(path: string): Promise<void> {
    return this.save('json', path);
  }

  async parquet(path: string): Promise<void> {
    return this.save('parquet', path);
  }

  /** Arrow IPC streams. */
  async arrow(path: string): Promise<void> {
    return this.save('arrow', path);
  }

  private with(changed: Partial<Settings>): DataFrameWriter {
    return new DataFrameWriter(this.session, this.plan, { ...this.settings, ...changed });
  }

  private async save(format: FileFormat, path: string): Promise<void> {
    checkPath(path, `write.${format}`);
    const write: WriteSpec = Object.freeze({ ...this.settings, format, path, site: callSite() });
    await runToEnd(this.session, Object.freeze({ kind: 'write', child: this.plan, write }));
  }
}
