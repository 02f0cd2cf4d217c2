// The way into a task thread. CommonJS, since piscina requires its file first, and Node ends the whole process when a thread is
// terminated in the middle of require() of an ES module; an import() may be cut off at any time.
const { setFlagsFromString } = require('node:v8');

// A generated loop is nearly all that a thread runs: V8 may put more of the functions that it calls into it (default: 920 bytes of bytecode).
// Still more makes short tasks dear: their code is compiled again and again.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=1400');

const loaded = import('../dist/task-thread.js');

module.exports = async (request) => (await loaded).default(request);
