import { expect, test } from 'vitest';
import { type CallSite, userError } from '../../../src/core/errors.js';
import { CodeEmitter } from '../../../src/engine/codegen/emitter.js';

const OUTER: CallSite = { file: 'job.ts', line: 3, column: 9 };
const INNER: CallSite = { file: 'job.ts', line: 4, column: 1 };
const negative = () => userError('NEGATIVE', 'It is negative.');

/** The function of n that `emit` writes. */
function made(write: (emit: CodeEmitter) => void): (n: number) => unknown {
  const emit = new CodeEmitter();
  write(emit);
  const text = emit.finish('f', 'n', { open: '', close: '' });
  return new Function(`return ${text}`)().bind(null, emit.constants);
}

const failing = (emit: CodeEmitter) => emit.branch('n < 0', () => emit.fail(negative));

test('an error has the place of the innermost call that knows one', () => {
  const sites = [
    made(failing),
    made((emit) => emit.at(OUTER, () => failing(emit))),
    made((emit) => emit.at(OUTER, () => emit.at(null, () => failing(emit)))),
    made((emit) => emit.at(OUTER, () => emit.at(INNER, () => failing(emit)))),
    made((emit) => {
      emit.at(INNER, () => {});
      failing(emit);
    }),
  ].map((f) => {
    f(0);
    try {
      f(-1);
    } catch (thrown) {
      return (thrown as { site?: CallSite }).site;
    }
    return 'nothing thrown';
  });
  expect(sites).toEqual([undefined, OUTER, OUTER, INNER, undefined]);
});

test('functions that the code calls: their errors too, others as they are', () => {
  const thrower = (error: unknown) => () => {
    throw error;
  };
  const calling = (call: () => unknown) =>
    made((emit) => emit.at(OUTER, () => emit.line(`${emit.constant('call', emit.located(call))}();`)));
  expect(() => calling(thrower(negative()))(0)).toThrowError(expect.objectContaining({ condition: 'NEGATIVE', site: OUTER }));
  expect(() => calling(thrower(negative().with({ site: INNER })))(0)).toThrowError(expect.objectContaining({ site: INNER }));
  const bug = new TypeError('a bug');
  expect(() => calling(thrower(bug))(0)).toThrowError(bug);
});
