/**
 * Owns: turning a submission into a job's state, after checking what came over a socket: configuration and the graph's shape.
 */
import { Config } from '../../core/config.js';
import { fatalError } from '../../core/errors.js';
import { isId } from '../../core/ids.js';
import { cachesMadeBy, type StageGraph } from '../../planner/stages/graph.js';
import type { Submission } from './actions.js';
import { createAdaptive } from './adaptation.js';
import { createStage, type JobState, linkStages } from './job-state.js';

/** Throws UNKNOWN_CONFIG and INVALID_CONFIG (user), INVALID_JOB and INVALID_GRAPH (fatal: the driver made them). */
export function createJob(submission: Submission, order: number): JobState {
  // Workers name directories by it: it must not reach them.
  if (!isId(submission.job)) throw fatalError('INVALID_JOB', `'${submission.job.slice(0, 200)}' is no id of a job.`);
  const config = Config.from(submission.config);
  checkGraph(submission.graph);
  const job: JobState = {
    submission,
    id: submission.job,
    order,
    stages: [],
    shuffles: new Map(),
    uses: new Set([...(submission.blobs ?? []), ...cachesMadeBy(submission.graph)]),
    config,
    adaptive: createAdaptive(submission.graph, config),
    maxAttempts: config.get('task.attempts'),
    maxResultBytes: config.get('driver.maxResultSize'),
    acceptances: 0,
    held: false,
    starvedSince: null,
  };
  for (const definition of submission.graph.stages) {
    const stage = createStage(job, definition);
    job.stages.push(stage);
    if (definition.output.kind === 'shuffle') job.shuffles.set(definition.output.shuffle, stage);
  }
  linkStages(job);
  return job;
}

function checkGraph(graph: StageGraph): void {
  const shuffles = new Set<number>();
  const last = graph.stages.length - 1;
  if (last < 0) throw invalid('it has no stage');
  graph.stages.forEach((definition, index) => {
    if (definition.stage !== index) throw invalid(`stage ${definition.stage} stands at ${index}`);
    for (const parent of definition.parents) {
      if (!(parent >= 0 && parent < index)) throw invalid(`stage ${index} reads stage ${parent}, which does not come before it`);
    }
    if ((definition.output.kind === 'rows') !== (index === last)) throw invalid('exactly the last stage must give rows');
    if (definition.output.kind === 'shuffle') {
      if (shuffles.has(definition.output.shuffle)) throw invalid(`shuffle ${definition.output.shuffle} is written twice`);
      shuffles.add(definition.output.shuffle);
    }
  });
}

function invalid(what: string) {
  return fatalError('INVALID_GRAPH', `The stage graph cannot run: ${what}.`);
}
