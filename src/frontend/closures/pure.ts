/**
 * Owns: which functions are a single expression without effects, so that generated loops may hold their text instead of calling them.
 * Receives a function and its free references; gives its body as a tree, or null.
 */
import type { AnyNode } from 'acorn';
import type { InlineFunction, PureExpression } from '../../core/pure-expression.js';
import { literalTree, pureTree } from './pure-tree.js';
import type { Reference, Scope } from './scopes.js';
import { eachChild, type FunctionNode } from './syntax.js';

/** Methods that change nothing and call nothing of the user's, whatever plain value they are called on. */
const PURE_METHODS = new Set(
  (
    'toLowerCase toUpperCase trim trimStart trimEnd startsWith endsWith includes indexOf lastIndexOf slice substring charAt charCodeAt codePointAt ' +
    'at padStart padEnd repeat split concat join toString toFixed toPrecision has get'
  ).split(' '),
);
const PURE_GLOBALS = new Set(['Number', 'String', 'Boolean', 'parseInt', 'parseFloat', 'isNaN', 'isFinite']);
const PURE_NAMESPACES = new Set(['Math', 'Number']);
const IMPURE_MEMBERS = new Set(['random']);
const GLOBAL_CONSTANTS = new Set(['undefined', 'NaN', 'Infinity', 'Math', 'Number']);

export function inlineBody(fn: FunctionNode, free: readonly Reference[], module: Scope, code: string): InlineFunction | null {
  if (fn.type !== 'ArrowFunctionExpression' || fn.async || fn.body.type === 'BlockStatement') return null;
  const parameters: string[] = [];
  for (const parameter of fn.params) {
    if (parameter.type !== 'Identifier') return null;
    parameters.push(parameter.name);
  }
  const globals = new Set<AnyNode>();
  const constants = new Map<string, PureExpression>();
  for (const { identifier, variable } of free) {
    if (!variable) {
      globals.add(identifier);
    } else if (variable.scope === module) {
      const constant = variable.kind === 'const' && variable.value ? literalTree(variable.value) : null;
      if (!constant) return null;
      constants.set(variable.name, constant);
    }
  }
  if (!isPure(fn.body, globals)) return null;
  const body = pureTree(fn.body, { parameters, isGlobal: (node) => globals.has(node), constants });
  return body && { parameters: parameters.length, text: code.slice(fn.start, fn.end), body };
}

function isPure(node: AnyNode, globals: ReadonlySet<AnyNode>): boolean {
  switch (node.type) {
    case 'Identifier':
      return !globals.has(node) || GLOBAL_CONSTANTS.has(node.name);
    case 'CallExpression':
      return isPureCallee(node.callee, globals) && node.arguments.every((argument) => isPure(argument, globals));
    case 'MemberExpression':
      return isPure(node.object, globals) && (!node.computed || isPure(node.property, globals));
    case 'UnaryExpression':
      return node.operator !== 'delete' && isPure(node.argument, globals);
    case 'Property':
      return node.kind === 'init' && !node.method && (!node.computed || isPure(node.key, globals)) && isPure(node.value, globals);
    case 'Literal':
    case 'TemplateElement':
      return true;
    case 'TemplateLiteral':
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'ConditionalExpression':
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'ArrayExpression':
    case 'ObjectExpression': {
      let pure = true;
      eachChild(node, (child) => {
        pure &&= isPure(child, globals);
      });
      return pure;
    }
    default:
      return false;
  }
}

function isPureCallee(callee: AnyNode, globals: ReadonlySet<AnyNode>): boolean {
  if (callee.type === 'Identifier') return globals.has(callee) && PURE_GLOBALS.has(callee.name);
  if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return false;
  const { object, property } = callee;
  if (object.type === 'Identifier' && globals.has(object)) return PURE_NAMESPACES.has(object.name) && !IMPURE_MEMBERS.has(property.name);
  return PURE_METHODS.has(property.name) && isPure(object, globals);
}
