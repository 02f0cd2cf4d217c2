/**
 * Owns: writing a module with its functions wrapped, and the factories behind it.
 * Receives what transform.ts found out about each function; gives text for the `__minispark` of runtime.ts, with its map.
 */
import type { AnyNode } from 'acorn';
import type { FunctionInfo } from './function-info.js';
import type { MappedText } from './mapped-text.js';
import { type FunctionNode, isMethod } from './syntax.js';

export interface FoundFunction {
  readonly node: FunctionNode;
  readonly parent: AnyNode;
  /** Number of enclosing functions and class members. */
  readonly depth: number;
}

/** What is written about one function. */
export interface FunctionPlan {
  readonly found: FoundFunction;
  readonly info: FunctionInfo;
  /** Written once, when the module loads: its factory is the function itself. */
  readonly isTop: boolean;
  /** Module-level functions that it may call. */
  readonly calls: readonly string[];
  /** `const f = () => … f() …`: the factory must declare f again. */
  readonly ownConst: string;
}

interface Edit {
  readonly at: number;
  /** The text from `at` to here is left out. */
  readonly until?: number;
  /** Order of edits at one offset: closing texts, inner ones first, then hoisted calls, then opening texts. */
  readonly rank: number;
  readonly text: string;
}

/** `text` reads `code`; gives the output with its map to the user's file. */
export function writeModule(
  text: MappedText,
  code: string,
  plans: readonly FunctionPlan[],
  dynamicImports: readonly AnyNode[],
): { code: string; mappings: string } {
  const edits = plans.flatMap((plan) => editsOf(plan, code)).sort((a, b) => a.at - b.at || a.rank - b.rank);
  let done = 0;
  for (const edit of edits) {
    text.copy(done, edit.at);
    text.add(edit.text);
    done = edit.until ?? edit.at;
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

function editsOf({ found: { node, parent }, info, isTop, calls }: FunctionPlan, code: string): Edit[] {
  const id = JSON.stringify(info.id);
  const names = info.refusals.length > 0 ? '' : Object.keys(info.captures).join(', ');
  const called = calls.length > 0 ? `, () => [${calls.join(', ')}]` : '';
  const thunk = `() => [${id}, { ${names} }${called}]`;
  if (node.type === 'FunctionDeclaration') {
    // Hoisted: it may be shipped above its own line, so its id must be there from the start of the block.
    const text = isTop ? `__minispark.top(${id}, ${info.name}${called}); ` : `__minispark.wrap(${info.name}, ${thunk}); `;
    return [{ at: blockStart(node, parent, code), rank: 1, text }];
  }
  const [before, after] = isTop ? [`/* @__PURE__ */ __minispark.top(${id}, `, `${called})`] : ['__minispark.wrap(', `, ${thunk})`];
  const close = { at: node.end, rank: -node.start, text: after };
  if (!isMethod(parent)) return [{ at: node.start, rank: 2, text: before }, close];
  const key = code.slice(parent.key.start, parent.key.end);
  return [{ at: parent.start, until: node.start, rank: 2, text: `${key}: ${before}${methodHead(node)}` }, close];
}

/** The text of a method starts at its parameters. */
function methodHead(node: FunctionNode): string {
  return `${node.async ? 'async ' : ''}function${node.generator ? '*' : ''} `;
}

function blockStart(node: FunctionNode, parent: AnyNode, code: string): number {
  if (parent.type === 'BlockStatement' || parent.type === 'StaticBlock') return code.indexOf('{', parent.start) + 1;
  if (parent.type === 'SwitchCase') return node.start;
  return code.startsWith('#!') ? code.indexOf('\n') + 1 : 0;
}

/** Captures are parameters of the factory: the engine then knows that they never change. */
function writeFactory(text: MappedText, { found: { node, parent }, info, ownConst }: FunctionPlan): void {
  const names = Object.keys(info.captures).join(', ');
  const key = JSON.stringify(info.name);
  const [before, after] = ownConst
    ? [`{ const ${ownConst} = `, `; return ${ownConst}; }`]
    : info.name
      ? [`({ ${key}: `, ` })[${key}]`]
      : ['(', ')'];
  text.add(`${JSON.stringify(info.id)}: (${names && `{ ${names} }`}) => ${before}${isMethod(parent) ? methodHead(node) : ''}`);
  text.copy(node.start, node.end);
  text.add(`${after},\n`);
}
