import { describe, expect, it } from 'vitest';
import { NO_METRICS } from '../../../src/core/events.js';
import { Scheduler } from '../../../src/runtime/scheduler/scheduler.js';
import { facts, graphOf, register, submission, submit } from './fixtures.js';
import { type Chances, mulberry32, Simulation } from './simulation.js';

const CALM: Chances = { retryable: 0, user: 0, death: 0, lostFile: 0 };

function expectWhole(simulation: Simulation, job: string, partitions: number): void {
  for (let partition = 0; partition < partitions; partition++) expect(simulation.accepted.get(`${job}/${partition}`)).toBe(1);
}

/** Diamonds and chains of random size; gives the number of result partitions of each job. */
function submitRandomJobs(simulation: Simulation, random: () => number, jobs: number, config = {}): Map<string, number> {
  const results = new Map<string, number>();
  const size = () => Math.floor(random() * 40);
  for (let i = 0; i < jobs; i++) {
    const job = `job-${i}`;
    const shapes = [[[size()]], [[size()], [size() + 1, 0]], [[size()], [size(), 0], [size()], [size() + 1, 1, 2]]];
    const shape = shapes[Math.floor(random() * shapes.length)];
    results.set(job, shape[shape.length - 1][0]);
    simulation.at(random() * 500, () => simulation.submit(submission(graphOf(shape), { job, config })));
  }
  return results;
}

describe('a simulated cluster', () => {
  it('of 300 calm workers runs every task once', () => {
    const simulation = new Simulation(1, CALM, { stealAfterMs: 1e9 });
    for (let i = 0; i < 300; i++) simulation.addWorker(1 + (i % 4));
    simulation.submit(submission(graphOf([[4000], [1000, 0]])));
    simulation.run(200_000, 997);
    expect(simulation.outcomes).toEqual(new Map([['job-1', null]]));
    expectWhole(simulation, 'job-1', 1000);
    expect(simulation.accepted.size).toBe(1000);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed))('survives failures, lost files and deaths: seed %i', (seed) => {
    const random = mulberry32(seed * 7919 + 1);
    const chances = { retryable: 0.03, user: seed % 4 === 3 ? 0.003 : 0, death: 0.01, lostFile: 0.004 };
    const simulation = new Simulation(seed, chances);
    for (let i = 0; i < 5 + random() * 60; i++) simulation.addWorker(1 + Math.floor(random() * 3));
    for (let i = 0; i < 10; i++) simulation.at(random() * 5000, () => simulation.addWorker(2));
    const jobs = submitRandomJobs(simulation, random, 6, { 'task.attempts': '6' });
    simulation.run(300_000);
    simulation.checkInvariants();
    expect([...simulation.outcomes.keys()].sort()).toEqual([...jobs.keys()].sort());
    for (const [job, partitions] of jobs) {
      const error = simulation.outcomes.get(job);
      if (error === null) expectWhole(simulation, job, partitions);
      else expect(['BROKEN', 'DIVIDE_BY_ZERO', 'FETCH_FAILED', 'WORKER_LOST', 'NO_WORKERS']).toContain(error!.condition);
    }
    for (const times of simulation.accepted.values()) expect(times).toBe(1);
    expect(simulation.scheduler.state.ready).toEqual([]);
  });

  it('loses a third of its workers in mid-job and still gives every partition', () => {
    const simulation = new Simulation(5, CALM);
    for (let i = 0; i < 30; i++) simulation.addWorker(2);
    simulation.submit(submission(graphOf([[600], [300, 0], [200, 1]])));
    for (let i = 0; i < 10; i++) simulation.at(60 + 20 * i, () => simulation.kill(simulation.workers.get(`w${i * 3}`)!, i % 2 === 0));
    simulation.run(200_000);
    expect(simulation.deaths).toBe(10);
    expect(simulation.outcomes.get('job-1')).toBeNull();
    expectWhole(simulation, 'job-1', 200);
  });

  it('ends its jobs within 15 s of the death of all workers, noticed or not', () => {
    for (const silent of [false, true]) {
      const simulation = new Simulation(9, CALM);
      for (let i = 0; i < 5; i++) simulation.addWorker(2);
      simulation.submit(submission(graphOf([[5000], [10, 0]])));
      simulation.at(100, () => {
        for (const worker of simulation.workers.values()) simulation.kill(worker, silent);
      });
      simulation.run(200_000);
      expect(simulation.outcomes.get('job-1')?.condition).toBe('NO_WORKERS');
      expect(simulation.now).toBeLessThanOrEqual(100 + 15_100);
    }
  });
});

describe('cost', () => {
  /** Runs one job to its end on workers that finish all they get; gives loop turns a task. */
  function stepsPerTask(tasks: number, workers: number): number {
    const scheduler = new Scheduler({ heartbeatTimeoutMs: 0 });
    const todo: Parameters<typeof scheduler.apply>[0][] = [];
    for (let i = 0; i < workers; i++) todo.push(register(`w${i}`, 2));
    todo.push(submit(graphOf([[tasks], [tasks, 0]], 1)));
    for (let i = 0; i < todo.length; i++) {
      for (const action of scheduler.apply(todo[i])) {
        if (action.kind !== 'send' || action.message.kind !== 'launch') continue;
        for (const { key } of action.message.tasks) {
          const output = { shuffle: 0, path: '', bytes: [1], rows: [1] };
          const fact = { kind: 'finished', key, metrics: NO_METRICS, output: key.stage === 0 ? output : null, blocks: 0 } as const;
          todo.push(facts(action.worker, 1, fact));
        }
      }
    }
    expect(scheduler.state.jobs.size).toBe(0);
    return scheduler.state.steps / (2 * tasks);
  }

  it('of a task does not grow with the number of tasks, nor with that of workers', () => {
    for (const [tasks, workers] of [
      [500, 10],
      [20_000, 10],
      [20_000, 500],
    ]) {
      expect(stepsPerTask(tasks, workers), `${tasks} tasks on ${workers} workers`).toBeLessThan(8);
    }
  });
});
