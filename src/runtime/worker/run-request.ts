/**
 * Owns: running one task in this thread, from its request to its reply.
 * Receives a request and a host; gives a reply, never throws: whatever goes wrong is an error in it.
 */
import { toWireError } from '../../core/errors.js';
import { NO_METRICS, type TaskMetrics } from '../../core/events.js';
import { fromJson } from '../../core/json.js';
import { runTask } from '../../engine/exec/run-task.js';
import type { MutableMetrics } from '../../engine/exec/task-context.js';
import type { TaskInput } from '../../planner/physical/operators.js';
import { prepareCodec } from '../shuffle/codec.js';
import { endOthersShare, loadStage } from './loaded-stage.js';
import { installSharedValues, withTaskSums } from './shared-values.js';
import type { TaskReply, TaskRequest } from './task-request.js';
import { openTaskRun, type TaskHost, type TaskRun } from './task-run.js';

export async function runRequest(request: TaskRequest, host: TaskHost): Promise<TaskReply> {
  const start = performance.now();
  const metrics: MutableMetrics & { runMs: number } = { ...NO_METRICS };
  const finished = (): TaskMetrics => ({ ...metrics, runMs: performance.now() - start });
  let run: TaskRun | null = null;
  try {
    installSharedValues(host.store);
    const stage = await loadStage(request.stageFile);
    endOthersShare(stage);
    await prepareCodec(stage.config);
    const { definition } = stage;
    run = openTaskRun(request, stage, host, metrics);
    const { context, blocks, kept } = run;
    const compute = () => runTask(definition, fromJson<TaskInput>(request.input), context);
    const { result: written, accumulated } = await withTaskSums(host.sharesThread, compute);
    const block = kept();
    const home = block && { home: block.home, memory: block.bytes !== null };
    const place = home ?? (request.service && { served: request.service.served });
    const output = written && definition.output.kind === 'shuffle' ? { ...written, shuffle: definition.output.shuffle, ...place } : null;
    return { ok: true, metrics: finished(), output, kept: block, blocks: blocks(), accumulated };
  } catch (thrown) {
    return { ok: false, metrics: finished(), error: toWireError(thrown) };
  } finally {
    run?.removeSpillFiles();
  }
}
