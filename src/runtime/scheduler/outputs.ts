/**
 * Owns: which map outputs go with which place: those that workers serve themselves go with their worker, those that a shuffle service serves
 * with the service, whoever wrote them and whatever became of him.
 */
import type { WorkerId } from '../../core/ids.js';
import type { JobState, StageState, TaskState } from './job-state.js';
import type { Turn, WorkerState } from './state.js';

/** Notes that an output is where it says. `worker` wrote it. */
export function recordOutput(turn: Turn, worker: WorkerState, task: TaskState): void {
  const { output } = task;
  if (output?.served) {
    let jobs = turn.state.served.get(output.endpoint);
    if (!jobs) {
      jobs = new Map();
      turn.state.served.set(output.endpoint, jobs);
    }
    addTo(jobs, task);
  } else addTo(worker.outputs, task);
}

function addTo(jobs: WorkerState['outputs'], task: TaskState): void {
  const { id } = task.stage.job;
  const outputs = jobs.get(id);
  if (outputs) outputs.add(task);
  else jobs.set(id, new Set([task]));
}

/** The output of a task is gone. */
export function forgetOutput(turn: Turn, task: TaskState): void {
  const { output } = task;
  if (output === null) return;
  const { id } = task.stage.job;
  const jobs = output.served ? turn.state.served.get(output.endpoint) : turn.state.workers.get(output.worker)?.outputs;
  jobs?.get(id)?.delete(task);
  task.output = null;
}

/** All outputs of a stage that a worker wrote, and that are thought to be where he put them. */
export function* outputsOf(turn: Turn, stage: StageState, worker: WorkerId): Iterable<TaskState> {
  const { id } = stage.job;
  for (const task of turn.state.workers.get(worker)?.outputs.get(id) ?? []) if (task.stage === stage) yield task;
  for (const jobs of turn.state.served.values()) {
    for (const task of jobs.get(id) ?? []) if (task.stage === stage && task.output?.worker === worker) yield task;
  }
}

/** The job is over. */
export function forgetServed(turn: Turn, job: JobState): void {
  for (const [endpoint, jobs] of turn.state.served) {
    turn.state.steps++;
    jobs.delete(job.id);
    if (jobs.size === 0) turn.state.served.delete(endpoint);
  }
}
