#!/usr/bin/env node
// The command: starts dist/cli.js, with Node's compile cache where this Node has one (a third off the start-up).
import { existsSync } from 'node:fs';
import module from 'node:module';

const cli = new URL('../dist/cli.js', import.meta.url);
if (!existsSync(cli)) {
  process.stderr.write('error: minispark is not built yet\n\nhint: Run `npm run build` (or `npm ci`) in its directory.\n');
  process.exit(1);
}
module.enableCompileCache?.();
await import(cli.href);
