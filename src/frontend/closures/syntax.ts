/**
 * Owns: the few facts about ESTree that the analyses share: what a function is, and a walk over a tree.
 * Receives acorn's nodes; keeps no state.
 */
import type {
  AnonymousFunctionDeclaration,
  AnyNode,
  ArrowFunctionExpression,
  FunctionDeclaration,
  FunctionExpression,
  Property,
} from 'acorn';

export type FunctionNode = ArrowFunctionExpression | FunctionExpression | FunctionDeclaration | AnonymousFunctionDeclaration;

export function isFunction(node: AnyNode): node is FunctionNode {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration';
}

/** `{ f(x) { … } }`: the parent of a function that is written as a method of an object. */
export function isMethod(parent: AnyNode): parent is Property {
  return parent.type === 'Property' && parent.method;
}

/** Calls `visit` with every direct child of `node` in source order of its keys. */
export function eachChild(node: AnyNode, visit: (child: AnyNode, key: string) => void): void {
  for (const key in node) {
    const value: unknown = node[key as keyof AnyNode];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item, key);
    } else if (isNode(value)) {
      visit(value, key);
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The name that a binding or a property gives to the function literal in it; empty where there is none. */
export function nameOf(node: FunctionNode, parent: AnyNode): string {
  if (node.id) return node.id.name;
  switch (parent.type) {
    case 'VariableDeclarator':
      return parent.id.type === 'Identifier' ? parent.id.name : '';
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return parent.left.type === 'Identifier' ? parent.left.name : '';
    case 'Property':
    case 'PropertyDefinition':
      return !parent.computed && parent.key.type === 'Identifier' ? parent.key.name : '';
    default:
      return '';
  }
}
