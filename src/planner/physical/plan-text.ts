/** Owns: a physical plan as text, in the manner of Spark's: one operator a line, children below it. */

import type { SortKey } from '../../frontend/plan/expression.js';
import { resolvedText } from '../../frontend/plan/expression-text.js';
import { NO_LIMIT } from '../../frontend/plan/logical.js';
import { functionName, writerText } from '../../frontend/plan/plan-text.js';
import type { Aggregated, BoundExpr } from '../../frontend/plan/resolved.js';
import { frameSuffix } from '../../frontend/plan/window.js';
import { childrenOf, type Partitioning, type PhysicalOf, type PhysicalOp } from './operators.js';

export function physicalText(root: PhysicalOp): string {
  const lines: string[] = [];
  const walk = (op: PhysicalOp, first: string, rest: string): void => {
    lines.push(first + operatorText(op));
    const children = childrenOf(op);
    children.forEach((child, i) => {
      const isLast = i === children.length - 1;
      walk(child, `${rest}${isLast ? '+- ' : ':- '}`, `${rest}${isLast ? '   ' : ':  '}`);
    });
  };
  walk(root, '', '');
  return lines.join('\n');
}

function operatorText(op: PhysicalOp): string {
  const columns = op.schema.fields.map((f) => f.name).join(', ');
  switch (op.kind) {
    case 'scan': {
      const filters = op.filters.length === 0 ? '' : `, filters: ${named(op.filters, op)}`;
      return `Scan ${op.format} [${columns}]${filters}`;
    }
    case 'local':
      return `LocalRows [${columns}]`;
    case 'range':
      return `Range [${columns}], start ${op.start}, step ${op.step}`;
    case 'shuffleRead':
      return `ShuffleRead ${op.shuffle}${op.broadcast ? ' (broadcast)' : ''} [${columns}]`;
    case 'cacheRead':
      return `InMemoryScan [${columns}] of ${op.cache} (${op.label}), ${op.level}`;
    case 'lost':
      return `LostCheckpoint ${op.cache} [${columns}]`;
    case 'project':
      return `Project [${op.exprs.map((e, i) => asText(textOf(e, op.child), op.schema.fields[i].name)).join(', ')}]`;
    case 'filter':
      return `Filter ${textOf(op.condition, op.child)}`;
    case 'generate':
      return `Generate ${textOf(op.generator, op.child)}${op.outer ? ' outer' : ''} [${columns}]`;
    case 'expand':
      return `Expand [${op.projections.map((exprs) => `[${named(exprs, op.child)}]`).join(', ')}] AS [${columns}]`;
    case 'hashAggregate':
    case 'sortAggregate': {
      const keys = named(op.keys, op.child);
      const aggregates = op.aggregates.map((a) => `${aggregateText(a, op.mode === 'final' ? null : op.child)} AS ${a.name}`);
      return `${op.kind === 'hashAggregate' ? 'HashAggregate' : 'SortAggregate'} ${op.mode}, keys: [${keys}], aggregates: [${aggregates.join(', ')}]`;
    }
    case 'sort':
      return `${op.limit === null ? 'Sort' : `TopN ${op.limit}`} [${sortText(op.keys, op.child)}]`;
    case 'window': {
      const calls = op.calls.map((c) => `${c.fn}(${named(c.args, op.child)})${frameSuffix(c.fn, c.frame)} AS ${c.name}`);
      return [
        `Window [${calls.join(', ')}]`,
        ...(op.partitionBy.length > 0 ? [`partition by [${named(op.partitionBy, op.child)}]`] : []),
        ...(op.orderBy.length > 0 ? [`order by [${sortText(op.orderBy, op.child)}]`] : []),
      ].join(', ');
    }
    case 'limit':
      if (op.limit === NO_LIMIT) return `Offset ${op.offset}`;
      return `Limit ${op.limit}${op.offset > 0 ? ` offset ${op.offset}` : ''}`;
    case 'union':
      return 'Union';
    case 'coalesce':
      return `Coalesce to ${op.partitions}`;
    case 'hashJoin':
      return `HashJoin ${op.how}, build ${op.build}, ${joinText(op)}`;
    case 'mergeJoin':
      return `MergeJoin ${op.how}, ${joinText(op)}`;
    case 'mapBatches':
      return `MapBatches ${op.fn.name || '(function)'} [${columns}]`;
    case 'mapElements':
      return `MapElements ${op.map.op} ${op.map.fn.name || '(function)'}: ${op.map.from} → ${op.map.to}`;
    case 'mapGroups':
      return `MapGroups ${op.map.op} (${op.side} side)`;
    case 'sample':
      return `Sample ${op.rows} rows of [${sortText(op.keys, op.child)}]`;
    case 'rangeBounds':
      return `RangeBounds for ${op.partitions} partitions`;
    case 'write':
      return `Write ${op.write.format} ${op.write.mode}${op.write.partitionBy.length > 0 ? `, by ${op.write.partitionBy.join(', ')}` : ''}`;
    case 'exchange':
      return `Exchange ${partitioningText(op.partitioning, op.child)}${writerText(op.writer)}`;
    default:
      return op satisfies never;
  }
}

function joinText(op: PhysicalOf<'hashJoin' | 'mergeJoin'>): string {
  const pairs = op.leftKeys.map((key, i) => `${textOf(key, op.left)} ${op.nullSafe[i] ? '<=>' : '='} ${textOf(op.rightKeys[i], op.right)}`);
  const both = [...op.left.schema.fields, ...op.right.schema.fields];
  const rest = op.condition === null ? '' : `, condition: ${resolvedText(op.condition, (index) => both[index].name)}`;
  return `keys: [${pairs.join(', ')}]${rest}`;
}

export function partitioningText(partitioning: Partitioning, input: PhysicalOp): string {
  switch (partitioning.kind) {
    case 'hash':
      return `hash(${named(partitioning.exprs, input)}) to ${partitioning.partitions}`;
    case 'range':
      return `range(${sortText(partitioning.keys, input)}) to ${partitioning.partitions}`;
    case 'function': {
      const key = textOf(partitioning.expr, input);
      return `by ${partitioning.ofKey ? `${functionName(partitioning.ofKey)}(${key})` : key} to ${partitioning.partitions}`;
    }
    case 'roundRobin':
      return `in turn to ${partitioning.partitions}`;
    case 'single':
    case 'broadcast':
      return partitioning.kind;
    default:
      return partitioning satisfies never;
  }
}

function aggregateText(a: Aggregated<BoundExpr>, input: PhysicalOp | null): string {
  const args = input === null ? '' : a.args.map((arg) => textOf(arg, input)).join(', ');
  return `${a.user?.name ?? a.fn}(${a.distinct ? 'DISTINCT ' : ''}${args})${a.filter && input ? ` FILTER (WHERE ${textOf(a.filter, input)})` : ''}`;
}

function sortText(keys: readonly SortKey<BoundExpr>[], input: PhysicalOp): string {
  return keys.map((k) => `${textOf(k.expr, input)} ${k.ascending ? 'ASC' : 'DESC'} NULLS ${k.nullsFirst ? 'FIRST' : 'LAST'}`).join(', ');
}

const asText = (text: string, name: string): string => (text === name ? name : `${text} AS ${name}`);
const named = (exprs: readonly BoundExpr[], input: PhysicalOp): string => exprs.map((e) => textOf(e, input)).join(', ');

/** With the names of the input's columns instead of ordinals. */
function textOf(expr: BoundExpr, input: PhysicalOp): string {
  return resolvedText(expr, (index) => input.schema.fields[index].name);
}
