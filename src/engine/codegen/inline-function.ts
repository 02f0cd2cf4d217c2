/**
 * Owns: the body of a user's pure function as code of the loop, with exactly JavaScript's meaning for the types that its columns have.
 * Where a row is unlike what the code was made for (a null, a whole number that is none, …) the function itself is called for it: then it
 * answers or throws as it would have.
 */
import type { InlineFunction, PureExpression } from '../../core/pure-expression.js';
import { type DataType, STRING } from '../../data/types.js';
import type { Value } from '../../frontend/functions/generator.js';
import { CodeEmitter } from './emitter.js';
import { binary, equals, unary } from './inline-operators.js';
import { globalCall, member, method, template } from './inline-text.js';
import { asResult, bigInt, exactInt, type JsValue, joined, jsBoolean, jsNumber, jsText, nothing, ofColumn, truth } from './js-value.js';

/** Thrown while trying: these types have no code. */
class NoCode extends Error {}

/**
 * Code for one row; null where the function must be called. `call` emits the call and gives its result, for the rows that need it.
 */
export function emitInline(
  emit: CodeEmitter,
  fn: InlineFunction,
  args: readonly Value[],
  returns: DataType,
  call: () => Value,
): Value | null {
  // A trial first: what it writes is thrown away, and tells whether any row may need the call.
  const trial = tryBody(fn, args, returns);
  if (trial === null) return null;
  emit.line(`// ${fn.text.replace(/\s+/g, ' ')}`);
  if (!trial.mayCall) return new Inliner(emit, args, () => {}).result(fn.body, returns);
  const slot = emit.slot(returns, trial.result.rep === 'int' ? intRep(returns) : trial.result.rep, true, 53);
  const called = emit.fresh('called');
  const label = emit.fresh('inlined');
  emit.line(`let ${called} = true;`);
  emit.loop(`${label}:`, () => {
    const inliner = new Inliner(emit, args, (fails) => emit.line(`if (${fails}) break ${label};`));
    slot.assign(inliner.result(fn.body, returns));
    emit.line(`${called} = false;`);
  });
  emit.branch(called, () => slot.assign(call()));
  return slot.value;
}

/** What a call gives for int64 may be past 2^53. */
const intRep = (type: DataType): 'int' | 'big' => (type.kind === 'int64' ? 'big' : 'int');

function tryBody(fn: InlineFunction, args: readonly Value[], returns: DataType) {
  let mayCall = false;
  const inliner = new Inliner(new CodeEmitter(), args, () => {
    mayCall = true;
  });
  try {
    const result = inliner.result(fn.body, returns);
    return result.rep === 'each' ? null : { result: { ...result, rep: result.rep }, mayCall };
  } catch (thrown) {
    if (thrown instanceof NoCode) return null;
    throw thrown;
  }
}

/** What operators need of the function that they stand in. */
export interface InlineScope {
  readonly emit: CodeEmitter;
  /** The function is called where the condition holds. */
  check(fails: string): void;
  value(tree: PureExpression): JsValue;
  /** Ends the attempt: no code for such types. */
  refuse(): never;
  /** The value where it is not null; elsewhere the function is called. */
  present(value: JsValue): JsValue;
}

class Inliner implements InlineScope {
  readonly emit: CodeEmitter;
  readonly check: (fails: string) => void;
  private readonly parameters: readonly (JsValue | null)[];
  /** Parameters that are known not to be null where the code stands. */
  private known: ReadonlySet<number> = new Set();

  constructor(emit: CodeEmitter, args: readonly Value[], check: (fails: string) => void) {
    this.emit = emit;
    this.check = check;
    this.parameters = args.map(ofColumn);
  }

  refuse(): never {
    throw new NoCode();
  }

  result(body: PureExpression, returns: DataType): Value {
    const value = this.value(body);
    if (value.kind === 'nothing') return this.refuse();
    return asResult(this.emit, value, returns, this.check) ?? this.refuse();
  }

  present(value: JsValue): JsValue {
    if (value.isNull === 'false') return value;
    if (value.kind === 'nothing') return this.refuse();
    this.check(value.isNull);
    return { ...value, isNull: 'false', absent: 'null' };
  }

  value(tree: PureExpression): JsValue {
    switch (tree.kind) {
      case 'parameter':
        return this.parameter(tree.index);
      case 'number':
        return numberLiteral(tree.text);
      case 'bigint':
        return bigintLiteral(tree.text);
      case 'string':
        return this.text(tree.value);
      case 'boolean':
        return jsBoolean(String(tree.value));
      case 'null':
      case 'undefined':
        return nothing(tree.kind);
      case 'unary':
        return tree.op === '!' ? jsBoolean(negated(this.test(tree.of))) : unary(this, tree.op, this.value(tree.of));
      case 'binary':
        return isEquality(tree.op)
          ? jsBoolean(equals(this, tree.op, this.value(tree.left), this.value(tree.right)))
          : binary(this, tree.op, this.value(tree.left), this.value(tree.right));
      case 'logical':
        return this.logical(tree);
      case 'choice':
        return this.choice(this.test(tree.test), tree.yes, tree.no, tree.test);
      case 'template':
        return template(
          this,
          tree.texts,
          tree.values.map((v) => this.value(v)),
        );
      case 'member':
        return member(this, tree.name, this.value(tree.of));
      case 'method':
        return method(this, tree.name, this.value(tree.of), tree.args);
      case 'global':
        return globalCall(this, tree.name, tree.args);
      default:
        return this.refuse();
    }
  }

  private parameter(index: number): JsValue {
    // One that the caller left out is undefined.
    if (index >= this.parameters.length) return nothing('undefined');
    const value = this.parameters[index] ?? this.refuse();
    return this.known.has(index) && value.kind !== 'nothing' ? { ...value, isNull: 'false' } : value;
  }

  private text(value: string): JsValue {
    const bytes = new Uint8Array(Buffer.from(value, 'utf8'));
    // A lone surrogate has no bytes.
    if (Buffer.from(bytes).toString('utf8') !== value) return this.refuse();
    const data = this.emit.constant('text', bytes);
    return { ...jsText({ type: STRING, isNull: 'false', rep: 'bytes', data, start: '0', end: String(bytes.length) }), literal: value };
  }

  /** The truth of an expression as a condition; what `&&` and `||` stand between is only evaluated where JavaScript does. */
  private test(tree: PureExpression): string {
    if (tree.kind === 'unary' && tree.op === '!') return negated(this.test(tree.of));
    if (tree.kind !== 'logical' || tree.op === '??') return truth(this.value(tree));
    const left = this.test(tree.left);
    const { lines, result } = this.emit.capture(() => this.under(tree.left, tree.op === '&&', () => this.test(tree.right)));
    if (lines.length === 0) return `(${left} ${tree.op} ${result})`;
    const slot = this.emit.slot({ kind: 'boolean' }, 'bool', false);
    const set = (code: string) => slot.assign({ type: { kind: 'boolean' }, isNull: 'false', rep: 'bool', code });
    set(left);
    const { code } = slot.value as { readonly code: string };
    this.emit.branch(tree.op === '&&' ? code : negated(code), () => {
      this.emit.place(lines);
      set(result);
    });
    return code;
  }

  private logical(tree: Extract<PureExpression, { kind: 'logical' }>): JsValue {
    if (tree.op === '??') {
      const isNull: PureExpression = { kind: 'binary', op: '==', left: tree.left, right: { kind: 'null' } };
      return this.choice(this.test(isNull), tree.right, tree.left, isNull);
    }
    // The left side is read twice, as it is pure.
    const [ifSo, ifNot] = tree.op === '&&' ? [tree.right, tree.left] : [tree.left, tree.right];
    return this.choice(this.test(tree.left), ifSo, ifNot, tree.left);
  }

  private choice(test: string, ifSo: PureExpression, ifNot: PureExpression, condition: PureExpression): JsValue {
    if (test === 'true' || test === 'false') return this.value(test === 'true' ? ifSo : ifNot);
    const { emit } = this;
    const yes = emit.capture(() => this.under(condition, true, () => this.value(ifSo)));
    const no = emit.capture(() => this.under(condition, false, () => this.value(ifNot)));
    const [a, b] = [yes.result, no.result];
    if (yes.lines.length + no.lines.length === 0 && a.isNull === 'false' && b.isNull === 'false') {
      if (a.kind === 'boolean' && b.kind === 'boolean') return jsBoolean(`(${test} ? ${a.code} : ${b.code})`);
      if (a.kind === 'number' && b.kind === 'number') {
        const bits = a.bits === null || b.bits === null ? null : Math.max(a.bits, b.bits);
        return jsNumber(emit.let('f', `${test} ? ${a.code} : ${b.code}`), bits);
      }
    }
    const slot = joined(emit, a, b) ?? this.refuse();
    const arm = ({ lines, result }: typeof yes) => {
      emit.place(lines);
      slot.assign(result);
    };
    emit.branch(
      test,
      () => arm(yes),
      () => arm(no),
    );
    return slot.value;
  }

  /** Runs `make` where `condition` is known to be `holds`: parameters that it tests are not null there. */
  private under<T>(condition: PureExpression, holds: boolean, make: () => T): T {
    const outer = this.known;
    this.known = new Set([...outer, ...presentParameters(condition, holds)]);
    try {
      return make();
    } finally {
      this.known = outer;
    }
  }
}

const isEquality = (op: string): op is '==' | '!=' | '===' | '!==' => op === '===' || op === '!==' || op === '==' || op === '!=';
const negated = (test: string): string => (test === 'true' ? 'false' : test === 'false' ? 'true' : `!(${test})`);

const CONSTANTS: ReadonlySet<PureExpression['kind']> = new Set(['number', 'bigint', 'string', 'boolean']);
/** `x !== undefined` tells nothing: a column's null is null. */
const isNothing = (side: PureExpression, op: string): boolean => side.kind === 'null' || (side.kind === 'undefined' && op.length === 2);

function presentParameters(condition: PureExpression, holds: boolean): number[] {
  switch (condition.kind) {
    case 'parameter':
      return holds ? [condition.index] : [];
    case 'unary':
      return condition.op === '!' ? presentParameters(condition.of, !holds) : [];
    case 'logical':
      if (condition.op === '??' || (condition.op === '&&') !== holds) return [];
      return [...presentParameters(condition.left, holds), ...presentParameters(condition.right, holds)];
    case 'binary': {
      const { op, left, right } = condition;
      if (!isEquality(op)) return [];
      const isEqual = (op === '==' || op === '===') === holds;
      const tells = (side: PureExpression): boolean => (isEqual ? CONSTANTS.has(side.kind) : isNothing(side, op));
      if (left.kind === 'parameter' && tells(right)) return [left.index];
      return right.kind === 'parameter' && tells(left) ? [right.index] : [];
    }
    default:
      return [];
  }
}

function numberLiteral(text: string): JsValue {
  const value = Number(text);
  const code = text.startsWith('-') ? `(${text})` : text;
  const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
  return jsNumber(code, isWhole ? bitsOf(Math.abs(value)) : null);
}

function bigintLiteral(text: string): JsValue {
  const value = BigInt(text);
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 2n ** 53n) return exactInt(text.startsWith('-') ? `(${text})` : text, bitsOf(Number(magnitude)));
  return bigInt(`(${text}n)`);
}

/** |v| < 2^bits; for what is not whole, of the whole number above. */
function bitsOf(magnitude: number): number {
  return Math.min(53, magnitude.toString(2).replace(/\..*/, '').length);
}
