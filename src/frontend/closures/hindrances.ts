/**
 * Owns: what in the text of a function keeps it from running elsewhere: ties to the place where it was written, and changes to outer variables.
 * Receives syntax trees only; whether a finding matters is decided when a function is shipped.
 */
import type { AnyNode, Identifier } from 'acorn';
import type { ChangeKind } from './function-info.js';
import type { Reference } from './scopes.js';
import { eachChild, type FunctionNode, isFunction } from './syntax.js';

export interface Tie {
  readonly what: string;
  readonly node: AnyNode;
}

/** Every `this`, `super`, `new.target`, private name and `eval` of `fn` that means something outside of it; in a method, `this` is its object. */
export function findTies(fn: FunctionNode, isMethod: boolean): Tie[] {
  const ties: Tie[] = [];
  const privateNames = new Set<string>();
  // `ownThis`: inside something that binds `this` anew, only names and eval can still reach out.
  const scan = (node: AnyNode, ownThis: boolean): void => {
    if (node.type === 'ClassBody') {
      for (const member of node.body) if ('key' in member && member.key.type === 'PrivateIdentifier') privateNames.add(member.key.name);
    }
    const what = tieOf(node, ownThis, privateNames);
    if (what) ties.push({ what, node });
    eachChild(node, (child, key) => {
      const fieldValue = node.type === 'PropertyDefinition' && key === 'value';
      scan(child, ownThis || bindsThis(child) || fieldValue);
    });
  };
  scan(fn, bindsThis(fn) && !isMethod);
  return ties;
}

function bindsThis(node: AnyNode): boolean {
  return (isFunction(node) && node.type !== 'ArrowFunctionExpression') || node.type === 'StaticBlock';
}

function tieOf(node: AnyNode, ownThis: boolean, privateNames: ReadonlySet<string>): string | null {
  if (node.type === 'PrivateIdentifier') return privateNames.has(node.name) ? null : `the private name #${node.name}`;
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'eval') return 'eval';
  if (ownThis) return null;
  if (node.type === 'ThisExpression') return 'this';
  if (node.type === 'Super') return 'super';
  return node.type === 'MetaProperty' && node.meta.name === 'new' ? 'new.target' : null;
}

const MUTATING_METHODS = new Set('push pop shift unshift splice sort reverse fill copyWithin set add delete clear'.split(' '));

/** The identifier x of `x.a.b = …`, `x.n++`, `delete x.k`, `x.list.push(…)`; null where node changes nothing of the kind. */
export function mutatedVariable(node: AnyNode): Identifier | null {
  let target: AnyNode | null = null;
  if (node.type === 'AssignmentExpression') target = node.left;
  else if (node.type === 'UpdateExpression') target = node.argument;
  else if (node.type === 'UnaryExpression' && node.operator === 'delete') target = node.argument;
  else if (node.type === 'CallExpression' && callsMutator(node.callee)) target = node.callee;
  if (target?.type !== 'MemberExpression') return null;
  while (target.type === 'MemberExpression') target = target.object;
  return target.type === 'Identifier' ? target : null;
}

function callsMutator(callee: AnyNode): boolean {
  return (
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    !callee.computed &&
    MUTATING_METHODS.has(callee.property.name)
  );
}

/** The identifier x of `x ??= …` and `x ||= …`. */
export function filledVariable(node: AnyNode): Identifier | null {
  const fills = node.type === 'AssignmentExpression' && (node.operator === '??=' || node.operator === '||=');
  return fills && node.left.type === 'Identifier' ? node.left : null;
}

/** How a reference changes its variable, given the identifiers that `mutatedVariable` found in the module. */
export function changeOf(reference: Reference, mutated: ReadonlySet<Identifier>): ChangeKind | null {
  if (reference.assigns) return 'assigns';
  return mutated.has(reference.identifier) ? 'mutates' : null;
}
