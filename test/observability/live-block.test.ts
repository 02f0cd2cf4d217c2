import { expect, test } from 'vitest';
import { openLiveBlock } from '../../src/observability/live-block.js';

function terminal(columns: number) {
  const written: string[] = [];
  return {
    written,
    columns,
    write(text: string) {
      written.push(text);
      return true;
    },
    take: () => written.splice(0).join(''),
  };
}

function stream(written: string[]) {
  return {
    write: ((text: string) => {
      written.push(text);
      return true;
    }) as typeof process.stdout.write,
  };
}

test('a redraw goes up over the lines before, in one write', () => {
  const screen = terminal(20);
  const block = openLiveBlock(screen, []);
  block.draw(['one', 'two']);
  expect(screen.written).toEqual(['\x1b[?25lone\x1b[0K\ntwo\x1b[0K\n\x1b[0J']);
  screen.take();
  block.draw(['a line that is far too long']);
  expect(screen.take()).toBe('\r\x1b[2Aa line that is far…\x1b[0K\n\x1b[0J');
  block.close();
  expect(screen.take()).toBe('\r\x1b[1A\x1b[0J\x1b[?25h');
});

test('it steps aside for other output, until that has ended its line', () => {
  const screen = terminal(20);
  const out = stream(screen.written);
  const block = openLiveBlock(screen, [out]);
  block.draw(['bar']);
  screen.take();
  out.write('half a');
  expect(screen.take()).toBe('\r\x1b[1A\x1b[0J\x1b[?25hhalf a');
  block.draw(['bar']);
  expect(screen.take()).toBe('');
  out.write(' line\n');
  block.draw(['bar']);
  expect(screen.take()).toBe(' line\n\x1b[?25lbar\x1b[0K\n\x1b[0J');
  block.close();
  screen.take();
  out.write('after');
  expect(screen.take()).toBe('after');
});
