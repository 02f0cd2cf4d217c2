/** Owns: what a person calls a stage: its operators from input to output. */
import { childrenOf, type PhysicalOp } from '../physical/operators.js';
import type { StageOutput } from './graph.js';

/** `scan text → explode → partial aggregate`; steps that only shape columns are left out. */
export function stageName(op: PhysicalOp, output: StageOutput): string {
  const steps = stepsOf(op).filter((step, i, all) => step !== '' && step !== all[i - 1]);
  const last = op.kind === 'write' || output.kind === 'rows' ? [] : [outputName(output)];
  return [...steps, ...last].filter((step) => step !== '').join(' → ');
}

function stepsOf(op: PhysicalOp): string[] {
  switch (op.kind) {
    case 'hashJoin': {
      const probe = op.build === 'left' ? op.right : op.left;
      return [...stepsOf(probe), `${op.how} join`];
    }
    case 'mergeJoin':
      return [...stepsOf(op.left), `${op.how} merge join`];
    case 'union':
      return ['union'];
    default:
      return [...childrenOf(op).flatMap(stepsOf), nameOf(op)];
  }
}

function nameOf(op: PhysicalOp): string {
  switch (op.kind) {
    case 'scan':
      return `scan ${op.format}`;
    case 'local':
      return 'rows';
    case 'shuffleRead':
      return op.broadcast ? '' : 'read shuffle';
    case 'cacheRead':
      return 'read cache';
    case 'generate':
      return op.generator.kind === 'call' ? op.generator.fn : 'generate';
    case 'hashAggregate':
    case 'sortAggregate':
      return op.mode === 'complete' ? 'aggregate' : `${op.mode} aggregate`;
    case 'sort':
      return op.limit === null ? 'sort' : `top ${op.limit}`;
    case 'mapBatches':
      return 'map batches';
    case 'mapElements':
      return op.map.op;
    case 'mapGroups':
      return op.side === 'map' ? 'combine' : 'reduce by key';
    case 'rangeBounds':
      return 'range bounds';
    case 'write':
      return `write ${op.write.format}`;
    case 'project':
      return '';
    default:
      return op.kind;
  }
}

function outputName(output: Extract<StageOutput, { kind: 'shuffle' }>): string {
  if (output.keep) return 'cache';
  const { partitioning } = output;
  switch (partitioning.kind) {
    case 'hash':
    case 'range':
      return `shuffle by ${partitioning.kind}`;
    case 'function':
      return 'shuffle by function';
    case 'roundRobin':
      return 'shuffle in turn';
    case 'single':
      return '';
    case 'broadcast':
      return 'broadcast';
    default:
      return partitioning satisfies never;
  }
}
