/**
 * Owns: which variable every identifier of a module means, and which identifiers of a function point outside of it.
 * Receives acorn's tree of an ES module; gives variables, references and the free references of each function.
 * Written here because importing a general analyser takes longer than bundling a small job.
 */
import type { AnyNode, Class, Identifier, Pattern, Program, VariableDeclaration } from 'acorn';
import { eachChild, type FunctionNode, isFunction } from './syntax.js';

export type VariableKind =
  | 'var'
  | 'let'
  | 'const'
  | 'using'
  | 'function'
  | 'class'
  | 'import'
  | 'parameter'
  | 'catch'
  | 'own-name'
  | 'arguments';

export interface Variable {
  readonly name: string;
  readonly kind: VariableKind;
  readonly scope: Scope;
  /** The initialiser of `const x = …`, or the function that a declaration declares. */
  readonly value: AnyNode | null;
  /** Of an import: the specifier and the exported name, `*` for the namespace. */
  readonly imported: { readonly from: string; readonly name: string } | null;
  readonly references: Reference[];
}

export interface Scope {
  readonly parent: Scope | null;
  /** The function whose parameters live here. */
  readonly owner: FunctionNode | null;
  /** Whether `var` declarations end here. */
  readonly hoists: boolean;
  readonly variables: Map<string, Variable>;
}

export interface Reference {
  readonly identifier: Identifier;
  readonly scope: Scope;
  /** An assignment other than the initialiser of a declaration. */
  readonly assigns: boolean;
  /** null: a global. */
  variable: Variable | null;
}

export interface Scopes {
  readonly module: Scope;
  /** References inside a function to what is declared outside of it, globals included, in source order. */
  readonly free: ReadonlyMap<FunctionNode, readonly Reference[]>;
}

export function analyseScopes(program: Program): Scopes {
  const references: Reference[] = [];
  const module = newScope(null, null, true);
  const visit = createVisitor(references);
  for (const statement of program.body) visit(statement, module);

  const free = new Map<FunctionNode, Reference[]>();
  for (const reference of references) {
    const passed: FunctionNode[] = [];
    let scope: Scope | null = reference.scope;
    for (; scope; scope = scope.parent) {
      const variable = scope.variables.get(reference.identifier.name);
      if (variable) {
        reference.variable = variable;
        variable.references.push(reference);
        break;
      }
      if (scope.owner) passed.push(scope.owner);
    }
    for (const node of passed) {
      const list = free.get(node);
      if (list) list.push(reference);
      else free.set(node, [reference]);
    }
  }
  return { module, free };
}

/** Whether the reference runs when some function is called, hence possibly after the module was loaded. */
export function isInsideFunction(reference: Reference): boolean {
  for (let scope: Scope | null = reference.scope; scope; scope = scope.parent) if (scope.owner) return true;
  return false;
}

function newScope(parent: Scope | null, owner: FunctionNode | null, hoists: boolean): Scope {
  return { parent, owner, hoists, variables: new Map() };
}

function declare(
  scope: Scope,
  name: string,
  kind: VariableKind,
  value: AnyNode | null = null,
  imported: Variable['imported'] = null,
): void {
  let target = scope;
  if (kind === 'var') while (!target.hoists && target.parent) target = target.parent;
  if (!target.variables.has(name)) target.variables.set(name, { name, kind, scope: target, value, imported, references: [] });
}

type Visit = (node: AnyNode, scope: Scope) => void;

/** A walk that declares what it meets and collects references; names resolve afterwards, so hoisting needs no pass of its own. */
function createVisitor(references: Reference[]): Visit {
  const refer = (identifier: Identifier, scope: Scope, assigns: boolean): void => {
    references.push({ identifier, scope, assigns, variable: null });
  };
  const inNewScope = (node: AnyNode, scope: Scope): void => {
    const inner = newScope(scope, null, node.type === 'StaticBlock');
    eachChild(node, (child) => visit(child, inner));
  };
  const visit: Visit = (node, scope) => {
    if (isFunction(node)) return visitFunction(node, scope, visit);
    switch (node.type) {
      case 'Identifier':
        return refer(node, scope, false);
      case 'VariableDeclaration':
        return visitDeclaration(node, scope, visit);
      case 'ClassDeclaration':
      case 'ClassExpression':
        return visitClass(node, scope, visit);
      case 'BlockStatement':
      case 'StaticBlock':
      case 'ForStatement':
        return inNewScope(node, scope);
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = newScope(scope, null, false);
        if (node.left.type === 'VariableDeclaration') visitDeclaration(node.left, inner, visit);
        else bindPattern(node.left, inner, visit, (target) => refer(target, inner, true));
        visit(node.right, inner);
        return visit(node.body, inner);
      }
      case 'SwitchStatement': {
        visit(node.discriminant, scope);
        const inner = newScope(scope, null, false);
        for (const branch of node.cases) eachChild(branch, (child) => visit(child, inner));
        return;
      }
      case 'CatchClause': {
        const inner = newScope(scope, null, false);
        if (node.param) bindPattern(node.param, inner, visit, (target) => declare(inner, target.name, 'catch'));
        return visit(node.body, inner);
      }
      case 'AssignmentExpression':
        bindPattern(node.left, scope, visit, (target) => refer(target, scope, true));
        return visit(node.right, scope);
      case 'UpdateExpression':
        return node.argument.type === 'Identifier' ? refer(node.argument, scope, true) : visit(node.argument, scope);
      case 'MemberExpression':
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'LabeledStatement':
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
        return visitNamed(node, scope, visit);
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
        return visitModuleItem(node, scope, visit);
      default:
        return eachChild(node, (child) => visit(child, scope));
    }
  };
  return visit;
}

/** Nodes in which some identifier is a name and no reference. */
function visitNamed(node: AnyNode, scope: Scope, visit: Visit): void {
  switch (node.type) {
    case 'MemberExpression':
      visit(node.object, scope);
      if (node.computed) visit(node.property, scope);
      return;
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      if (node.computed) visit(node.key, scope);
      if (node.value) visit(node.value, scope);
      return;
    case 'LabeledStatement':
      visit(node.body, scope);
  }
}

function visitModuleItem(node: AnyNode, scope: Scope, visit: Visit): void {
  if (node.type === 'ImportDeclaration') {
    const from = String(node.source.value);
    for (const specifier of node.specifiers) declare(scope, specifier.local.name, 'import', null, { from, name: importedName(specifier) });
  } else if (node.type === 'ExportNamedDeclaration') {
    if (node.declaration) visit(node.declaration, scope);
    if (!node.source) for (const specifier of node.specifiers) visit(specifier.local, scope);
  }
}

function importedName(specifier: AnyNode): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  if (specifier.type !== 'ImportSpecifier') return 'default';
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : String(specifier.imported.value);
}

function visitDeclaration(node: VariableDeclaration, scope: Scope, visit: Visit): void {
  const kind: VariableKind = node.kind === 'await using' ? 'using' : node.kind;
  for (const { id, init } of node.declarations) {
    bindPattern(id, scope, visit, (target) => declare(scope, target.name, kind, id.type === 'Identifier' ? (init ?? null) : null));
    if (init) visit(init, scope);
  }
}

function visitFunction(node: FunctionNode, scope: Scope, visit: Visit): void {
  if (node.type === 'FunctionDeclaration' && node.id) declare(scope, node.id.name, 'function', node);
  const inner = newScope(scope, node, node.body.type !== 'BlockStatement');
  if (node.type === 'FunctionExpression' && node.id) declare(inner, node.id.name, 'own-name');
  for (const parameter of node.params)
    bindPattern(parameter, inner, visit, (target) => inner.variables.set(target.name, parameterOf(target, inner)));
  if (node.type !== 'ArrowFunctionExpression') declare(inner, 'arguments', 'arguments');
  if (node.body.type !== 'BlockStatement') {
    visit(node.body, inner);
    return;
  }
  // A scope of its own: parameter defaults do not see the variables of the body.
  const body = newScope(inner, null, true);
  for (const statement of node.body.body) visit(statement, body);
}

function parameterOf(identifier: Identifier, scope: Scope): Variable {
  return { name: identifier.name, kind: 'parameter', scope, value: null, imported: null, references: [] };
}

function visitClass(node: Class, scope: Scope, visit: Visit): void {
  const inner = newScope(scope, null, false);
  if (node.id) declare(node.type === 'ClassDeclaration' ? scope : inner, node.id.name, 'class');
  if (node.superClass) visit(node.superClass, inner);
  visit(node.body, inner);
}

/** Calls `bind` with each identifier that the pattern sets; defaults, computed keys and member targets are visited as expressions. */
function bindPattern(pattern: Pattern, scope: Scope, visit: Visit, bind: (identifier: Identifier) => void): void {
  switch (pattern.type) {
    case 'Identifier':
      bind(pattern);
      return;
    case 'MemberExpression':
      visit(pattern, scope);
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'Property' && property.computed) visit(property.key, scope);
        bindPattern(property.type === 'Property' ? property.value : property.argument, scope, visit, bind);
      }
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element) bindPattern(element, scope, visit, bind);
      return;
    case 'RestElement':
      bindPattern(pattern.argument, scope, visit, bind);
      return;
    case 'AssignmentPattern':
      bindPattern(pattern.left, scope, visit, bind);
      visit(pattern.right, scope);
      return;
    default:
      pattern satisfies never;
  }
}
