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
import { eachChild, type FunctionNode, isFunction, nameOf } from './syntax.js';

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

interface FoundFunction {
  readonly node: FunctionNode;
  readonly parent: AnyNode;
  /** Number of enclosing functions and class members. */
  readonly depth: number;
}

/** What the output says about one function. */
interface Plan {
  readonly found: FoundFunction;
  readonly info: FunctionInfo;
  /** Written once, when the module loads: its factory is the function itself. */
  readonly isTop: boolean;
  /** Module-level functions that it may call. */
  readonly calls: readonly string[];
  /** `const f = () => … f() …`: the factory must declare f again. */
  readonly ownConst: string;
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

  const facts: ModuleFacts = { file, code, ast, text: new MappedText(code, mappings), scopes: analyseScopes(ast), mutated, filled };
  const usedIds = new Set<string>();
  const importReads: ImportRead[] = [];
  const plans = functions.map((found) => planFunction(found, facts, usedIds, importReads));
  return {
    ...write(facts, plans, dynamicImports),
    functions: plans.map(({ info }) => info),
    importReads,
    changingExports: findChangingExports(facts),
  };
}

/** Methods and accessors need their object; a function called where it stands is never handed on; `export default function () {}` has no name to wrap. */
function isShippable(node: FunctionNode, parent: AnyNode, key: string): boolean {
  if (key === 'callee' || (node.type === 'FunctionDeclaration' && !node.id)) return false;
  if (key !== 'value') return true;
  return parent.type !== 'MethodDefinition' && !(parent.type === 'Property' && (parent.method || parent.kind !== 'init'));
}

function planFunction(found: FoundFunction, facts: ModuleFacts, usedIds: Set<string>, importReads: ImportRead[]): Plan {
  const { node, parent, depth } = found;
  const { text, scopes, mutated, file } = facts;
  const at = text.original(node.start);
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
    if (kind && !isCache) changes.push({ name: variable.name, kind, at: position });
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
  const refusals = findTies(node).map((tie) => ({ what: tie.what, at: text.original(tie.node.start) }));
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

interface Edit {
  readonly at: number;
  /** Order of edits at one offset: closing texts, inner ones first, then hoisted calls, then opening texts. */
  readonly rank: number;
  readonly text: string;
}

function write(facts: ModuleFacts, plans: readonly Plan[], dynamicImports: readonly AnyNode[]): { code: string; mappings: string } {
  const { code, text } = facts;
  const edits = plans.flatMap((plan) => editsOf(plan, facts)).sort((a, b) => a.at - b.at || a.rank - b.rank);
  let done = 0;
  for (const edit of edits) {
    text.copy(done, edit.at);
    text.add(edit.text);
    done = edit.at;
  }
  text.copy(done, code.length);
  const shipped = plans.filter(({ isTop, info }) => !isTop && info.refusals.length === 0);
  text.add('\n');
  if (shipped.length > 0) {
    text.add('__minispark.register({\n');
    for (const plan of shipped) writeFactory(text, plan);
    text.add('});\n');
  }
  for (const node of dynamicImports) text.add(`__minispark.lazy(() => ${code.slice(node.start, node.end)});\n`);
  return text.finish();
}

function editsOf({ found: { node, parent }, info, isTop, calls }: Plan, facts: ModuleFacts): Edit[] {
  const id = JSON.stringify(info.id);
  const names = info.refusals.length > 0 ? '' : Object.keys(info.captures).join(', ');
  const called = calls.length > 0 ? `, () => [${calls.join(', ')}]` : '';
  const thunk = `() => [${id}, { ${names} }${called}]`;
  if (node.type === 'FunctionDeclaration') {
    // Hoisted: it may be shipped above its own line, so its id must be there from the start of the block.
    const text = isTop ? `__minispark.top(${id}, ${info.name}${called}); ` : `__minispark.wrap(${info.name}, ${thunk}); `;
    return [{ at: blockStart(node, parent, facts), rank: 1, text }];
  }
  const [before, after] = isTop ? [`/* @__PURE__ */ __minispark.top(${id}, `, `${called})`] : ['__minispark.wrap(', `, ${thunk})`];
  return [
    { at: node.start, rank: 2, text: before },
    { at: node.end, rank: -node.start, text: after },
  ];
}

function blockStart(node: FunctionNode, parent: AnyNode, { code }: ModuleFacts): number {
  if (parent.type === 'BlockStatement' || parent.type === 'StaticBlock') return code.indexOf('{', parent.start) + 1;
  if (parent.type === 'SwitchCase') return node.start;
  return code.startsWith('#!') ? code.indexOf('\n') + 1 : 0;
}

/** Captures are parameters of the factory: the engine then knows that they never change. */
function writeFactory(text: MappedText, { found: { node }, info, ownConst }: Plan): void {
  const names = Object.keys(info.captures).join(', ');
  const key = JSON.stringify(info.name);
  const [before, after] = ownConst
    ? [`{ const ${ownConst} = `, `; return ${ownConst}; }`]
    : info.name
      ? [`({ ${key}: `, ` })[${key}]`]
      : ['(', ')'];
  text.add(`${JSON.stringify(info.id)}: (${names && `{ ${names} }`}) => ${before}`);
  text.copy(node.start, node.end);
  text.add(`${after},\n`);
}
