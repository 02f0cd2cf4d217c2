/**
 * Owns: the form of a user's one-expression function in which it travels to be inlined: a JSON-plain tree of what JavaScript would do.
 * Written where jobs are bundled (frontend/closures), read where code is generated (engine/codegen).
 */

export type PureExpression =
  | { readonly kind: 'parameter'; readonly index: number }
  /** A captured variable, until its value is known: none is left in what travels. */
  | { readonly kind: 'captured'; readonly name: string }
  /** A JavaScript literal, `-0`, `NaN` and `Infinity` among them. */
  | { readonly kind: 'number' | 'bigint'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' | 'undefined' }
  | { readonly kind: 'unary'; readonly op: string; readonly of: PureExpression }
  | { readonly kind: 'binary'; readonly op: string; readonly left: PureExpression; readonly right: PureExpression }
  | { readonly kind: 'logical'; readonly op: '&&' | '||' | '??'; readonly left: PureExpression; readonly right: PureExpression }
  | { readonly kind: 'choice'; readonly test: PureExpression; readonly yes: PureExpression; readonly no: PureExpression }
  /** `texts` has one more than `values`. */
  | { readonly kind: 'template'; readonly texts: readonly string[]; readonly values: readonly PureExpression[] }
  | { readonly kind: 'member'; readonly name: string; readonly of: PureExpression }
  | { readonly kind: 'method'; readonly name: string; readonly of: PureExpression; readonly args: readonly PureExpression[] }
  /** `Math.floor`, `Number`, `parseInt`, … */
  | { readonly kind: 'global'; readonly name: string; readonly args: readonly PureExpression[] };

/** What code generation needs of a function to put its body into a loop. */
export interface InlineFunction {
  readonly parameters: number;
  /** As the user wrote it, for readers of generated code. */
  readonly text: string;
  readonly body: PureExpression;
}

/** The tree of a captured value; null where it is no primitive. */
export function constantOf(value: unknown): PureExpression | null {
  switch (typeof value) {
    case 'number':
      return { kind: 'number', text: Object.is(value, -0) ? '-0' : String(value) };
    case 'bigint':
      return { kind: 'bigint', text: String(value) };
    case 'string':
      return { kind: 'string', value };
    case 'boolean':
      return { kind: 'boolean', value };
    case 'undefined':
      return { kind: 'undefined' };
    default:
      return value === null ? { kind: 'null' } : null;
  }
}

/** `tree` with its captured variables replaced; null where one has no constant. */
export function withConstants(tree: PureExpression, constants: ReadonlyMap<string, PureExpression>): PureExpression | null {
  let complete = true;
  const walk = (node: PureExpression): PureExpression => {
    switch (node.kind) {
      case 'captured': {
        const constant = constants.get(node.name);
        if (constant === undefined) complete = false;
        return constant ?? node;
      }
      case 'unary':
      case 'member':
        return { ...node, of: walk(node.of) };
      case 'binary':
      case 'logical':
        return { ...node, left: walk(node.left), right: walk(node.right) };
      case 'choice':
        return { ...node, test: walk(node.test), yes: walk(node.yes), no: walk(node.no) };
      case 'template':
        return { ...node, values: node.values.map(walk) };
      case 'method':
        return { ...node, of: walk(node.of), args: node.args.map(walk) };
      case 'global':
        return { ...node, args: node.args.map(walk) };
      default:
        return node;
    }
  };
  const walked = walk(tree);
  return complete ? walked : null;
}
