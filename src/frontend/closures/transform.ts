/**
 * Owns: giving every function literal of a module an id, a thunk of what it closes over, and a factory that rebuilds it elsewhere.
 * Receives JavaScript (types already stripped) with the map to the user's file; gives JavaScript that calls the `__minispark` of runtime.ts,
 * and one FunctionInfo a function. Decides nothing: what may travel is judged when a function is shipped (capture.ts).
 */
import { type AnyNode, type Identifier, type Program, parse } from 'acorn';
import type { FunctionInfo, Position, StaleRead } from './function-info.js';
import { changeOf, filledVariable, findTies, mutatedVariable } from './hindrances.js';
import { MappedText } from './mapped-text.js';
import { inlineBody } from './pure.js';
import { analyseScopes, isInsideFunction, type Reference, type Scopes, type Variable } from './scopes.js';
import { eachChild, type FunctionNode, isFunction, isMethod, nameOf } from './syntax.js';
import { type FoundFunction, type FunctionPlan, writeModule } from './write-module.js';

export interface TransformedModule {
  readonly code: string;
  /** From `code` to the user's file, the only source. */
  readonly mappings: string;
  readonly functions: readonly FunctionInfo[];
  /** Imported bindings that functions read: stale if the other module changes them. */
  readonly importReads: readonly ImportRead[];
  /** Exported name → where a function changes it. */
  readonly changingExports: ReadonlyMap<string, Pick<StaleRead, 'kind' | 'changedAt'>>;
}

export interface ImportRead {
  readonly functionId: string;
  readonly from: string;
  readonly imported: string;
  readonly name: string;
  readonly at: Position;
}

interface ModuleFacts {
  readonly file: string;
  readonly code: string;
  readonly ast: Program;
  readonly text: MappedText;
  readonly scopes: Scopes;
  readonly mutated: ReadonlySet<Identifier>;
  /** Targets of `x ??= …` and `x ||= …`. */
  readonly filled: ReadonlySet<Identifier>;
}

/** `mappings` lead from `code` to the user's file, which is called `file` in ids and messages. Throws acorn's SyntaxError. */
export function transformModule(code: string, mappings: string, file: string): TransformedModule {
  const ast = parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  const functions: FoundFunction[] = [];
  const mutated = new Set<Identifier>();
  const filled = new Set<Identifier>();
  const dynamicImports: AnyNode[] = [];
  const search = (node: AnyNode, parent: AnyNode, key: string, depth: number): void => {
    if (isFunction(node) && isShippable(node, parent, key)) functions.push({ node, parent, depth });
    if (node.type === 'ImportExpression' && node.source.type === 'Literal' && !String(node.source.value).startsWith('node:'))
      dynamicImports.push(node);
    const variable = mutatedVariable(node);
    if (variable) mutated.add(variable);
    const target = filledVariable(node);
    if (target) filled.add(target);
    const inner = isFunction(node) || node.type === 'PropertyDefinition' || node.type === 'StaticBlock' ? depth + 1 : depth;
    eachChild(node, (child, childKey) => search(child, node, childKey, inner));
  };
  search(ast, ast, '', 0);

  const text = new MappedText(code, mappings);
  const facts: ModuleFacts = { file, code, ast, text, scopes: analyseScopes(ast), mutated, filled };
  const usedIds = new Set<string>();
  const importReads: ImportRead[] = [];
  const plans = functions.map((found) => planFunction(found, facts, usedIds, importReads));
  return {
    ...writeModule(text, code, plans, dynamicImports),
    functions: plans.map(({ info }) => info),
    importReads,
    changingExports: findChangingExports(facts),
  };
}

/** Members of classes and accessors need their object; a function called where it stands is never handed on; `export default function () {}` has no name to wrap. */
function isShippable(node: FunctionNode, parent: AnyNode, key: string): boolean {
  if (key === 'callee' || (node.type === 'FunctionDeclaration' && !node.id)) return false;
  if (parent.type === 'MethodDefinition') return false;
  if (parent.type !== 'Property' || key !== 'value') return true;
  return parent.kind === 'init' && !(parent.method && parent.computed);
}

function planFunction(found: FoundFunction, facts: ModuleFacts, usedIds: Set<string>, importReads: ImportRead[]): FunctionPlan {
  const { node, parent, depth } = found;
  const { text, scopes, mutated, file } = facts;
  const at = text.original(isMethod(parent) ? parent.start : node.start);
  const id = uniqueId(`${file}:${at.line}:${at.column}`, usedIds);
  const captures = new Map<string, Position>();
  const changes: FunctionInfo['changes'][number][] = [];
  const stale: StaleRead[] = [];
  const calls = new Set<string>();
  let ownConst = '';
  const free = scopes.free.get(node) ?? [];
  for (const reference of free) {
    const variable = reference.variable;
    if (!variable) continue;
    if (variable.value === node && (variable.kind === 'const' || variable.kind === 'function')) {
      if (variable.kind === 'const') ownConst = variable.name;
      continue;
    }
    const position = text.original(reference.identifier.start);
    const kind = changeOf(reference, mutated);
    // A variable of the module that a function fills once is a cache: each worker fills its own.
    const isCache = variable.scope === scopes.module && facts.filled.has(reference.identifier);
    const isKnown = changes.some((change) => change.name === variable.name && change.kind === kind);
    if (kind && !isCache && !isKnown) changes.push({ name: variable.name, kind, at: position });
    if (variable.scope !== scopes.module) {
      if (!captures.has(variable.name)) captures.set(variable.name, position);
      continue;
    }
    if (isFunctionBinding(variable)) calls.add(variable.name);
    const changed = changeOutside(variable, node, facts);
    if (changed && !stale.some(({ name }) => name === variable.name)) stale.push({ name: variable.name, at: position, ...changed });
    if (variable.imported)
      importReads.push({
        functionId: id,
        from: variable.imported.from,
        imported: variable.imported.name,
        name: variable.name,
        at: position,
      });
  }
  const refusals = findTies(node, isMethod(parent)).map((tie) => ({ what: tie.what, at: text.original(tie.node.start) }));
  const outerArguments = free.find(({ variable }) => variable?.kind === 'arguments');
  if (outerArguments) refusals.push({ what: 'arguments', at: text.original(outerArguments.identifier.start) });
  const inline = inlineBody(node, free, scopes.module, facts.code);
  const info: FunctionInfo = {
    id,
    file,
    ...at,
    name: nameOf(node, parent),
    captures: Object.fromEntries(captures),
    changes,
    stale,
    refusals,
    inline,
  };
  // In a block of the module a function may be made many times, each with captures of its own.
  return { found, info, isTop: depth === 0 && captures.size === 0, calls: [...calls], ownConst };
}

function uniqueId(base: string, used: Set<string>): string {
  let id = base;
  for (let n = 2; used.has(id); n++) id = `${base}#${n}`;
  used.add(id);
  return id;
}

function isFunctionBinding(variable: Variable): boolean {
  if (variable.imported) return variable.imported.name !== '*' && !/^(minispark$|node:)/.test(variable.imported.from);
  return (variable.kind === 'function' || variable.kind === 'const') && variable.value !== null && isFunction(variable.value);
}

/** Where some function other than `reader` changes a module-level variable; an assignment weighs more than a mutation. */
function changeOutside(variable: Variable, reader: FunctionNode | null, facts: ModuleFacts): Pick<StaleRead, 'kind' | 'changedAt'> | null {
  const isOutside = ({ identifier }: Reference): boolean => !reader || identifier.start < reader.start || identifier.end > reader.end;
  const found = variable.references.filter((r) => changeOf(r, facts.mutated) && isInsideFunction(r) && isOutside(r));
  const worst = found.find(({ assigns }) => assigns) ?? found[0];
  return worst
    ? { kind: worst.assigns ? 'assigns' : 'mutates', changedAt: { file: facts.file, ...facts.text.original(worst.identifier.start) } }
    : null;
}

function findChangingExports(facts: ModuleFacts): TransformedModule['changingExports'] {
  const changing = new Map<string, Pick<StaleRead, 'kind' | 'changedAt'>>();
  const note = (local: string, exported: string): void => {
    const variable = facts.scopes.module.variables.get(local);
    const changed = variable && changeOutside(variable, null, facts);
    if (changed) changing.set(exported, changed);
  };
  for (const node of facts.ast.body) {
    if (node.type !== 'ExportNamedDeclaration' || node.source) continue;
    if (node.declaration?.type === 'VariableDeclaration') {
      for (const { id } of node.declaration.declarations) if (id.type === 'Identifier') note(id.name, id.name);
    }
    for (const { local, exported } of node.specifiers) {
      if (local.type === 'Identifier' && exported.type === 'Identifier') note(local.name, exported.name);
    }
  }
  return changing;
}
