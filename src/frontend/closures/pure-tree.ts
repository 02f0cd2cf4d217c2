/**
 * Owns: from acorn's nodes of a pure function to the tree that travels (core/pure-expression.ts). Knows nothing of types: what cannot be
 * inlined for the types that a column has is called.
 */
import type { AnyNode, Identifier, MemberExpression } from 'acorn';
import { constantOf, type PureExpression } from '../../core/pure-expression.js';

/** What the identifiers of the body stand for. */
export interface Names {
  readonly parameters: readonly string[];
  readonly isGlobal: (node: AnyNode) => boolean;
  /** Literal nodes of module-level constants. */
  readonly constants: ReadonlyMap<string, PureExpression>;
}

/** null where the body holds something that generated code has no form for: objects, arrays, … */
export function pureTree(node: AnyNode, names: Names): PureExpression | null {
  const all = (nodes: readonly AnyNode[]): PureExpression[] | null => {
    const trees = nodes.map((n) => pureTree(n, names));
    return trees.every((tree) => tree !== null) ? trees : null;
  };
  switch (node.type) {
    case 'Identifier':
      return nameTree(node, names);
    case 'Literal':
      return literalTree(node);
    case 'ParenthesizedExpression':
      return pureTree(node.expression, names);
    case 'UnaryExpression': {
      const [of] = all([node.argument]) ?? [];
      if (node.operator === 'void') return { kind: 'undefined' };
      if (of?.kind === 'number' && node.operator === '-' && !of.text.startsWith('-')) return { kind: 'number', text: `-${of.text}` };
      return of ? { kind: 'unary', op: node.operator, of } : null;
    }
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const [left, right] = all([node.left as AnyNode, node.right]) ?? [];
      if (!left || !right) return null;
      return node.type === 'LogicalExpression'
        ? { kind: 'logical', op: node.operator as '&&', left, right }
        : { kind: 'binary', op: node.operator, left, right };
    }
    case 'ConditionalExpression': {
      const [test, yes, no] = all([node.test, node.consequent, node.alternate]) ?? [];
      return test && yes && no ? { kind: 'choice', test, yes, no } : null;
    }
    case 'TemplateLiteral': {
      const values = all(node.expressions);
      return values && { kind: 'template', texts: node.quasis.map((q) => q.value.cooked ?? ''), values };
    }
    case 'ChainExpression':
      return chainTree(node.expression, names);
    case 'MemberExpression':
      return memberTree(node, names);
    case 'CallExpression': {
      const args = all(node.arguments);
      return args && callTree(node.callee, args, names);
    }
    default:
      return null;
  }
}

function nameTree(node: Identifier, names: Names): PureExpression | null {
  if (names.isGlobal(node)) {
    if (node.name === 'undefined') return { kind: 'undefined' };
    return node.name === 'NaN' || node.name === 'Infinity' ? { kind: 'number', text: node.name } : null;
  }
  const index = names.parameters.indexOf(node.name);
  if (index >= 0) return { kind: 'parameter', index };
  return names.constants.get(node.name) ?? { kind: 'captured', name: node.name };
}

export function literalTree(node: AnyNode): PureExpression | null {
  if (node.type !== 'Literal' || node.regex) return null;
  return node.bigint ? constantOf(BigInt(node.bigint)) : constantOf(node.value);
}

function memberTree(node: MemberExpression, names: Names): PureExpression | null {
  const { object, property } = node;
  if (object.type === 'Identifier' && names.isGlobal(object)) {
    if (node.computed || property.type !== 'Identifier') return null;
    const holder: unknown = object.name === 'Math' ? Math : object.name === 'Number' ? Number : undefined;
    const value: unknown = holder === undefined ? undefined : Reflect.get(holder as object, property.name);
    return typeof value === 'number' ? constantOf(value) : null;
  }
  const of = object.type === 'Super' ? null : pureTree(object, names);
  if (of === null) return null;
  if (!node.computed) return property.type === 'Identifier' ? { kind: 'member', name: property.name, of } : null;
  const index = property.type === 'PrivateIdentifier' ? null : pureTree(property, names);
  // s[i] is what s.at(i) is, but for negative numbers.
  return index?.kind === 'number' && /^\d+$/.test(index.text) ? { kind: 'method', name: 'at', of, args: [index] } : null;
}

function callTree(callee: AnyNode, args: readonly PureExpression[], names: Names): PureExpression | null {
  if (callee.type === 'Identifier') return { kind: 'global', name: callee.name, args };
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier' || callee.object.type === 'Super') return null;
  if (callee.object.type === 'Identifier' && names.isGlobal(callee.object))
    return { kind: 'global', name: `${callee.object.name}.${callee.property.name}`, args };
  const of = pureTree(callee.object, names);
  return of && { kind: 'method', name: callee.property.name, of, args };
}

/** `a?.b.c` is `a == null ? undefined : a.b.c`; what stands before `?.` is read twice, as it is pure. */
function chainTree(node: AnyNode, names: Names): PureExpression | null {
  const inner = pureTree(node, names);
  let tree = inner;
  for (const base of optionalBases(node)) {
    const of = pureTree(base, names);
    if (of === null || tree === null) return null;
    const test: PureExpression = { kind: 'binary', op: '==', left: of, right: { kind: 'null' } };
    tree = { kind: 'choice', test, yes: { kind: 'undefined' }, no: tree };
  }
  return tree;
}

/** What stands before each `?.` of a chain, the last one first. */
function optionalBases(node: AnyNode): AnyNode[] {
  if (node.type === 'CallExpression') {
    // `f?.()` does not occur: what is called is a method or global that exists.
    return optionalBases(node.callee);
  }
  if (node.type !== 'MemberExpression') return [];
  const rest = optionalBases(node.object);
  return node.optional ? [node.object, ...rest] : rest;
}
