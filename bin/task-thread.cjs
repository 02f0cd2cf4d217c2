// The way into a task thread. CommonJS, since piscina requires its file first, and Node ends the whole process when a thread is
// terminated in the middle of require() of an ES module; an import() may be cut off at any time.
const loaded = import('../dist/task-thread.js');

module.exports = async (request) => (await loaded).default(request);
