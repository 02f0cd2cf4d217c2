/**
 * Owns: what a stage's plan allows tasks to do with the rows of one of its leaves: share the rows of a partition among them, or leave a
 * partition out because nothing comes of it.
 */
import { childrenOf, isLeaf, type PhysicalLeaf, type PhysicalOf, type PhysicalOp } from '../physical/operators.js';
import { isReplicable } from '../physical/replicable.js';

type ShuffleRead = PhysicalOf<'shuffleRead'>;

/** Joins whose left (right) rows may be spread over tasks that each see the whole other side. */
const SPREADS_LEFT: ReadonlySet<string> = new Set(['inner', 'cross', 'left', 'semi', 'anti']);
const SPREADS_RIGHT: ReadonlySet<string> = new Set(['inner', 'cross', 'right']);

/** `absent`: the leaf is not below; `alone`: it is, and no join is on the way; `joined`: some are, and all allow it; `no`: something needs its rows together. */
type Spread = 'absent' | 'alone' | 'joined' | 'no';

/**
 * Whether the rows of one partition of a leaf may be shared among tasks while each of these reads the whole partition of all other leaves:
 * joins must allow it, and nothing above or below them may need the rows of a key, or all of them, in one task.
 */
export function maySpread(plan: PhysicalOp, leaf: number): boolean {
  return spreadOf(plan, leaf) === 'joined';
}

function spreadOf(op: PhysicalOp, leaf: number): Spread {
  if (isLeaf(op)) return op.id === leaf ? 'alone' : 'absent';
  switch (op.kind) {
    case 'project':
    case 'filter':
    case 'generate':
    case 'expand':
    case 'mapBatches':
    case 'mapElements':
    case 'write':
    case 'sample':
      return spreadOf(op.child, leaf);
    case 'union':
      return op.children.map((child) => spreadOf(child, leaf)).find((spread) => spread !== 'absent') ?? 'absent';
    case 'hashJoin':
    case 'mergeJoin':
      return spreadOfJoin(op, leaf);
    case 'hashAggregate':
    case 'sortAggregate':
      return op.mode === 'partial' ? spreadOf(unsorted(op.child), leaf) : together(op.child, leaf);
    // The first rows of a task are taken of what comes together after an exchange.
    case 'sort':
      return op.limit !== null ? spreadOf(op.child, leaf) : together(op.child, leaf);
    case 'limit':
      return op.offset === 0 ? spreadOf(op.child, leaf) : together(op.child, leaf);
    case 'mapGroups':
      return op.side === 'map' ? spreadOf(op.child, leaf) : together(op.child, leaf);
    case 'window':
    case 'coalesce':
    case 'rangeBounds':
    case 'exchange':
      return together(op.child, leaf);
    default:
      return op satisfies never;
  }
}

/** Of an operator that needs the rows of a partition together. */
function together(child: PhysicalOp, leaf: number): Spread {
  return spreadOf(child, leaf) === 'absent' ? 'absent' : 'no';
}

function spreadOfJoin(op: PhysicalOf<'hashJoin' | 'mergeJoin'>, leaf: number): Spread {
  const [left, right] = op.kind === 'mergeJoin' ? [unsorted(op.left), unsorted(op.right)] : [op.left, op.right];
  const [ofLeft, ofRight] = [spreadOf(left, leaf), spreadOf(right, leaf)];
  if (ofLeft === 'absent' && ofRight === 'absent') return 'absent';
  const [spread, allowed, other] = ofRight === 'absent' ? [ofLeft, SPREADS_LEFT, right] : [ofRight, SPREADS_RIGHT, left];
  return spread !== 'no' && allowed.has(op.how) && isReplicable(other) ? 'joined' : 'no';
}

/** What is sorted for a merge, or for groups to come one after the other, is so in each task. */
function unsorted(op: PhysicalOp): PhysicalOp {
  return op.kind === 'sort' && op.limit === null ? op.child : op;
}

/** Whether a task gives no rows, and does nothing else, where those leaves give none for which `isEmpty` says so. */
export function givesNothing(op: PhysicalOp, isEmpty: (leaf: ShuffleRead) => boolean): boolean {
  switch (op.kind) {
    case 'shuffleRead':
      return isEmpty(op);
    case 'project':
    case 'filter':
    case 'generate':
    case 'expand':
    case 'sort':
    case 'window':
    case 'limit':
    case 'write':
    case 'sample':
      return givesNothing(op.child, isEmpty);
    case 'mapGroups':
      return givesNothing(op.child, isEmpty);
    // Without keys a group is there without a row.
    case 'hashAggregate':
    case 'sortAggregate':
      return op.keys.length > 0 && givesNothing(op.child, isEmpty);
    case 'union':
      return op.children.every((child) => givesNothing(child, isEmpty));
    case 'hashJoin':
    case 'mergeJoin':
      return joinGivesNothing(op, isEmpty);
    default:
      return false;
  }
}

function joinGivesNothing({ how, left, right }: PhysicalOf<'hashJoin' | 'mergeJoin'>, isEmpty: (leaf: ShuffleRead) => boolean): boolean {
  const [noLeft, noRight] = [givesNothing(left, isEmpty), givesNothing(right, isEmpty)];
  switch (how) {
    case 'inner':
    case 'cross':
    case 'semi':
      return noLeft || noRight;
    case 'left':
    case 'anti':
      return noLeft;
    case 'right':
      return noRight;
    case 'full':
      return noLeft && noRight;
    default:
      return how satisfies never;
  }
}

/** The leaves of a plan, left to right. */
export function leavesOf(op: PhysicalOp): readonly PhysicalLeaf[] {
  return isLeaf(op) ? [op] : childrenOf(op).flatMap(leavesOf);
}
