/** Owns: plans as text, unresolved and resolved: one node a line, children under `+-` as Spark's explain shows them. */
import { derivationText } from './derivation.js';
import type { Closure, Expr } from './expression.js';
import { aggregatedText, expressionText, namedText, resolvedText, windowedText } from './expression-text.js';
import { type ElementMap, type GroupMap, NO_LIMIT, type Plan, type PlanOf, type WriteSpec } from './logical.js';
import { outputOf } from './output.js';
import type { Attribute, JoinHints, ResolvedExpr, ResolvedPlan } from './resolved.js';
import { sortKeyText } from './window-text.js';

interface Tree {
  readonly line: string;
  readonly children: readonly Tree[];
}

/** The plan as the user built it. */
export const planText = (plan: Plan): string => render(logicalTree(plan));

/** The plan after analysis, attributes as `name#id`. */
export const resolvedPlanText = (plan: ResolvedPlan): string => render(resolvedTree(plan));

function render(tree: Tree): string {
  const lines: string[] = [];
  const walk = ({ line, children }: Tree, first: string, rest: string): void => {
    lines.push(first + line);
    children.forEach((child, i) => {
      const isLast = i === children.length - 1;
      walk(child, `${rest}${isLast ? '+- ' : ':- '}`, `${rest}${isLast ? '   ' : ':  '}`);
    });
  };
  walk(tree, '', '');
  return lines.join('\n');
}

const list = (items: readonly string[]): string => `[${items.join(', ')}]`;
const exprs = (items: readonly Expr[]): string => list(items.map((item) => expressionText(item)));

const writeText = (write: WriteSpec): string => `Write ${write.format} ${write.path}, ${write.mode}${partitionText(write)}`;
const partitionText = ({ partitionBy }: WriteSpec): string => (partitionBy.length === 0 ? '' : `, by ${list(partitionBy)}`);
const elementText = ({ op, fn, from, to }: ElementMap): string => `MapElements ${op} ${fn.name || fn.id}, ${from} to ${to}`;
const groupText = ({ op, fn, combiner, partitioner }: GroupMap): string =>
  `MapGroups ${op}${fn ? ` ${fn.name || fn.id}` : ''}${combiner ? ', combined' : ''}${partitioner ? `, partitions by ${functionName(partitioner)}` : ''}`;
const setsText = (sets: PlanOf<'aggregate'>['groupingSets']): string =>
  sets === undefined ? '' : `, sets [${sets.map((set) => exprs(set)).join(', ')}]`;
const saltText = (salts: number | undefined): string => (salts === undefined ? '' : `, over ${salts} salts`);
const countText = (partitions: number | null): string => (partitions === null ? '' : ` ${partitions}`);
const limitText = (limit: number, offset: number): string =>
  limit === NO_LIMIT ? `Offset ${offset}` : `Limit ${limit}${offset === 0 ? '' : ` offset ${offset}`}`;

function logicalTree(plan: Plan): Tree {
  const node = (line: string, ...children: readonly Plan[]): Tree => ({ line, children: children.map(logicalTree) });
  switch (plan.kind) {
    case 'read':
      return node(`Read ${plan.format} ${list(plan.paths)}`);
    case 'local':
      return node(`Local ${list(plan.schema.fields.map((f) => f.name))}, ${plan.batch.length} rows`);
    case 'checkpoint':
      return node(`Checkpoint ${plan.cache}`);
    case 'range':
      return node(`Range (${plan.start}, ${plan.end}, step ${plan.step})`);
    case 'select':
      return node(`'Project ${exprs(plan.exprs)}`, plan.child);
    case 'withColumns':
      return node(`'WithColumns ${list(plan.columns.map((c) => `${expressionText(c.expr)} AS ${c.name}`))}`, plan.child);
    case 'rename':
      return node(`'Rename ${plan.from} to ${plan.to}`, plan.child);
    case 'drop':
      return node(`'Drop ${list([...plan.names, ...(plan.exprs ?? []).map((expr) => expressionText(expr))])}`, plan.child);
    case 'filter':
      return node(`'Filter ${expressionText(plan.condition)}`, plan.child);
    case 'aggregate':
      return node(
        `'Aggregate ${exprs(plan.groupings)}${setsText(plan.groupingSets)}${saltText(plan.salts)}, ${exprs(plan.aggregates)}`,
        plan.child,
      );
    case 'pivot': {
      const values = plan.values === null ? '' : ` in ${exprs(plan.values)}`;
      return node(`'Pivot ${expressionText(plan.column)}${values}, ${exprs(plan.groupings)}, ${exprs(plan.aggregates)}`, plan.child);
    }
    case 'distinct':
      return node(`Distinct${plan.names === undefined ? '' : ` ${list(plan.names)}`}`, plan.child);
    case 'sort':
      return node(
        `'Sort ${list(plan.keys.map((key) => sortKeyText(key, expressionText)))}, ${plan.global ? 'global' : 'in partitions'}`,
        plan.child,
      );
    case 'limit':
      return node(limitText(plan.limit, plan.offset), plan.child);
    case 'union':
      return node(`Union${plan.byName === undefined ? '' : ' by name'}`, ...plan.children);
    case 'setOperation':
      return node(`${plan.op === 'intersect' ? 'Intersect' : 'Except'}${plan.all ? ' all' : ''}`, plan.left, plan.right);
    case 'join':
      return node(`'Join ${plan.how}${joinText(plan.on)}`, plan.left, plan.right);
    case 'hint':
      return node(`Hint ${plan.name}`, plan.child);
    case 'derive':
      return node(`'${derivationText(plan.derivation)}`, plan.child);
    case 'alias':
      return node(`Alias ${plan.name}`, plan.child);
    case 'repartition':
      return node(`Repartition${rulesText(plan)}${countText(plan.partitions)} ${exprs(plan.exprs)}${writerText(plan.writer)}`, plan.child);
    case 'coalesce':
      return node(`Coalesce ${plan.partitions}`, plan.child);
    case 'mapBatches':
      return node(`MapBatches ${plan.fn.name || '(function)'}`, plan.child);
    case 'mapElements':
      return node(elementText(plan.map), plan.child);
    case 'mapGroups':
      return node(groupText(plan.map), plan.child);
    case 'write':
      return node(writeText(plan.write), plan.child);
    default:
      return plan satisfies never;
  }
}

function joinText(on: readonly string[] | Expr | null): string {
  if (on === null) return '';
  return 'kind' in on ? `, ${expressionText(on)}` : ` using ${list(on)}`;
}

function hintsText(hints: JoinHints | undefined): string {
  const named = (['left', 'right'] as const).flatMap((side) => (hints?.[side] ? [`${side} ${hints[side]}`] : []));
  return named.length === 0 ? '' : `, hints: ${named.join(', ')}`;
}

const attributes = (output: readonly Attribute[]): string => list(output.map(({ id, name }) => `${name}#${id}`));
const resolved = (items: readonly ResolvedExpr[]): string => list(items.map((item) => resolvedText(item)));

function resolvedTree(plan: ResolvedPlan): Tree {
  const node = (line: string, ...children: readonly ResolvedPlan[]): Tree => ({ line, children: children.map(resolvedTree) });
  switch (plan.kind) {
    case 'scan':
      return node(
        `Scan ${plan.scan.format} ${attributes(plan.output)}${plan.filters.length === 0 ? '' : `, filters ${resolved(plan.filters)}`}`,
      );
    case 'local':
      return node(`Local ${attributes(plan.output)}, ${plan.batch.length} rows`);
    case 'cached':
      return node(`InMemoryRelation ${attributes(plan.output)}, ${plan.kept.level}`);
    case 'range':
      return node(`Range ${attributes(plan.output)} (${plan.start}, ${plan.end}, step ${plan.step})`);
    case 'project':
      return node(`Project ${list(plan.exprs.map(namedText))}`, plan.child);
    case 'filter':
      return node(`Filter ${resolvedText(plan.condition)}`, plan.child);
    case 'generate':
      return node(`Generate ${resolvedText(plan.generator)}${plan.outer ? ', outer' : ''}, ${attributes(plan.output)}`, plan.child);
    case 'expand':
      return node(`Expand [${plan.projections.map(resolved).join(', ')}], ${attributes(plan.output)}`, plan.child);
    case 'aggregate':
      return node(
        `Aggregate ${list(plan.groupings.map(namedText))}${saltText(plan.salts)}, ${list(plan.aggregates.map(aggregatedText))}`,
        plan.child,
      );
    case 'window': {
      const order = list(plan.orderBy.map((key) => sortKeyText(key, (expr) => resolvedText(expr))));
      return node(
        `Window ${list(plan.calls.map(windowedText))}, partition by ${resolved(plan.partitionBy)}, order by ${order}`,
        plan.child,
      );
    }
    case 'sort':
      return node(
        `Sort ${list(plan.keys.map((key) => sortKeyText(key, (expr) => resolvedText(expr))))}, ${plan.global ? 'global' : 'in partitions'}`,
        plan.child,
      );
    case 'limit':
      return node(limitText(plan.limit, plan.offset), plan.child);
    case 'union':
      return node(`Union ${attributes(outputOf(plan))}`, ...plan.children);
    case 'join':
      return node(
        `Join ${plan.how}${plan.condition === null ? '' : `, ${resolvedText(plan.condition)}`}${hintsText(plan.hints)}`,
        plan.left,
        plan.right,
      );
    case 'repartition':
      return node(
        `Repartition${rulesText(plan)}${countText(plan.partitions)} ${resolved(plan.exprs)}${writerText(plan.writer)}`,
        plan.child,
      );
    case 'coalesce':
      return node(`Coalesce ${plan.partitions}`, plan.child);
    case 'mapBatches':
      return node(`MapBatches ${plan.fn.name || '(function)'} ${attributes(plan.output)}`, plan.child);
    case 'mapElements':
      return node(`${elementText(plan.map)} ${attributes(plan.output)}`, plan.child);
    case 'mapGroups':
      return node(`${groupText(plan.map)} ${attributes(plan.output)}`, plan.child);
    case 'write':
      return node(writeText(plan.write), plan.child);
    default:
      return plan satisfies never;
  }
}

export const functionName = (closure: Closure): string => closure.name || '(function)';

function rulesText({ orders, partitioner }: Pick<PlanOf<'repartition'>, 'orders' | 'partitioner'>): string {
  if (partitioner) return partitioner.kind === 'key' ? `ByFunction ${functionName(partitioner.fn)}` : 'ByFunction';
  return orders ? 'ByRange' : '';
}

/** How an exchange says that its writer is not the job's. */
export function writerText(writer: string | undefined): string {
  return writer === undefined ? '' : `, ${writer} writer`;
}
