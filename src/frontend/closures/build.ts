/**
 * Owns: running esbuild over a job: the user's own files pass through the transform, packages as they are, `minispark` becomes a virtual module.
 * Heavy (esbuild, acorn): bundle.ts imports it only when there is something to build.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, BuildResult, Loader, Metafile, OnLoadResult, Plugin } from 'esbuild';
import { type BuiltJob, HASH_PLACEHOLDER, hashFile, sha256 } from './bundle-cache.js';
import { compileError, messagesOf } from './compile-errors.js';
import type { FunctionInfo } from './function-info.js';
import { parameterTypes } from './parameter-types.js';
import { type TransformedModule, transformModule } from './transform.js';

// `import` would first scan its source for export names, which takes longer than running it.
const { build } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');

/** One file of the user's own on its way through the build. */
export interface LoadedModule {
  readonly source: string;
  /** null: not transformed (CommonJS) or not parsed. */
  readonly transformed: TransformedModule | null;
}

interface Build {
  readonly root: string;
  readonly apiNames: readonly string[];
  /** By path relative to root. */
  readonly modules: Map<string, LoadedModule>;
}

// esbuild's own helper for CommonJS packages finds `require` by name; a `require` of the user's own is renamed by esbuild.
const REQUIRE_LINE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
const BANNER = `const __minispark = globalThis[Symbol.for('minispark.closures')]('${HASH_PLACEHOLDER}');\n${REQUIRE_LINE}`;

/** Builds the job at the absolute path `entryPath`. Throws user error JOB_DOES_NOT_COMPILE. */
export async function buildJob(entryPath: string, apiNames: readonly string[]): Promise<BuiltJob> {
  const root = dirname(entryPath);
  const state: Build = { root, apiNames, modules: new Map() };
  let result: BuildResult<{ write: false; metafile: true }>;
  try {
    result = await build({
      ...commonOptions(root),
      entryPoints: [entryPath],
      bundle: true,
      outfile: join(root, 'job.mjs'),
      metafile: true,
      sourcesContent: false,
      plugins: [closurePlugin(state)],
      banner: { js: BANNER },
      write: false,
    });
  } catch (error) {
    throw compileError(messagesOf(error), state.root, state.modules, apiNames);
  }
  const sources = Object.fromEntries([...state.modules].map(([file, { source }]) => [file, source]));
  return {
    code: outputText(result, '.mjs'),
    map: outputText(result, '.map'),
    root,
    entry: basename(entryPath),
    functions: withImportedChanges(state, result.metafile),
    sources,
    inputs: hashInputs(state, result.metafile),
  };
}

function commonOptions(root: string) {
  return {
    absWorkingDir: root,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    logLevel: 'silent',
  } as const satisfies BuildOptions;
}

function outputText(result: BuildResult<{ write: false }>, ending: string): string {
  return result.outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
}

function closurePlugin(state: Build): Plugin {
  return {
    name: 'minispark-closures',
    setup(build) {
      // A package of its own would not be found from where the bundle lies, and must be the one that this thread has installed.
      build.onResolve({ filter: /^minispark$/ }, () => ({ path: 'minispark', namespace: 'minispark', sideEffects: false }));
      build.onLoad({ filter: /.*/, namespace: 'minispark' }, () => ({ contents: apiModule(state.apiNames) }));
      build.onLoad({ filter: /\.[mc]?[jt]sx?$/ }, ({ path }) =>
        path.includes(`${sep}node_modules${sep}`) ? null : loadModule(path, state),
      );
    },
  };
}

function apiModule(names: readonly string[]): string {
  return [
    "const api = globalThis[Symbol.for('minispark.api')];",
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => api.${name})();`),
  ].join('\n');
}

async function loadModule(path: string, state: Build): Promise<OnLoadResult | null> {
  const source = readFileSync(path, 'utf8');
  const file = relative(state.root, path).split(sep).join('/');
  state.modules.set(file, { source, transformed: null });
  const extension = extname(path);
  if (extension === '.cjs' || extension === '.cts' || (/^\.jsx?$/.test(extension) && !/^\s*(import|export)\b/m.test(source))) return null;
  try {
    const { code, mappings } = await stripTypes(path, state.root);
    const transformed = withParameterTypes(transformModule(code, mappings, file), source);
    state.modules.set(file, { source, transformed });
    // TypeScript still: esbuild then forgives `export { SomeType } from …`.
    return { loader: loaderOf(extension), contents: withInlineMap(transformed, path) };
  } catch (error) {
    return { errors: messagesOf(error) };
  }
}

function withParameterTypes(transformed: TransformedModule, source: string): TransformedModule {
  const functions = transformed.functions.map((info) => ({ ...info, parameterTypes: parameterTypes(source, info.line, info.column) }));
  return { ...transformed, functions };
}

function loaderOf(extension: string): Loader {
  return extension.includes('t') ? 'ts' : 'js';
}

/** By `build`, as `transform` reads no tsconfig.json. The target lowers decorators and `using`, which the parser does not know. */
async function stripTypes(path: string, root: string): Promise<{ code: string; mappings: string }> {
  const result = await build({
    ...commonOptions(root),
    entryPoints: [path],
    bundle: false,
    outfile: `${path}.out.js`,
    write: false,
    sourcesContent: false,
    // The bundle lies elsewhere: files beside the job would not be found from there.
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(path).href),
      'import.meta.filename': JSON.stringify(path),
      'import.meta.dirname': JSON.stringify(dirname(path)),
    },
  });
  const { mappings } = JSON.parse(outputText(result, '.map')) as { mappings: string };
  return { code: outputText(result, '.js'), mappings };
}

function withInlineMap({ code, mappings }: TransformedModule, path: string): string {
  const map = JSON.stringify({ version: 3, names: [], sources: [basename(path)], mappings });
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}`;
}

/** All functions; those that read an imported binding which its module changes later know it. */
function withImportedChanges({ modules }: Build, metafile: Metafile): FunctionInfo[] {
  const all = new Map<string, FunctionInfo>();
  for (const { transformed } of modules.values()) for (const info of transformed?.functions ?? []) all.set(info.id, info);
  for (const [file, { transformed }] of modules) {
    for (const { functionId, from, imported, name, at } of transformed?.importReads ?? []) {
      const target = metafile.inputs[file]?.imports.find(({ original }) => original === from)?.path;
      const changed = target === undefined ? undefined : modules.get(target)?.transformed?.changingExports.get(imported);
      const info = all.get(functionId);
      if (changed && info && !info.stale.some((read) => read.name === name))
        all.set(functionId, { ...info, stale: [...info.stale, { name, at, ...changed }] });
    }
  }
  return [...all.values()];
}

const RESOLVED_EXTENSIONS = ['', '.tsx', '.ts', '.jsx', '.js'];

/** All that the bundle depends on: files with their content, and places where a new file would change what an import means. */
function hashInputs({ root, modules }: Build, metafile: Metafile): Record<string, string | null> {
  const inputs: Record<string, string | null> = {};
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    if (file.startsWith('minispark:')) continue;
    const path = resolve(root, file);
    const own = modules.get(file);
    // What was read for the build, not what the file holds by now.
    inputs[path] = own ? sha256(own.source) : hashFile(path);
    if (!own) continue;
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      for (const name of ['package.json', 'tsconfig.json']) addSettings(join(directory, name), inputs);
      if (directory === dirname(directory)) break;
    }
    for (const { original } of imports) {
      if (!original?.startsWith('.')) continue;
      for (const extension of RESOLVED_EXTENSIONS)
        inputs[resolve(dirname(path), original) + extension] ??= hashFile(resolve(dirname(path), original) + extension);
    }
  }
  return inputs;
}

function addSettings(path: string, inputs: Record<string, string | null>): void {
  if (path in inputs) return;
  inputs[path] = hashFile(path);
  if (inputs[path] === null) return;
  const parents = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  for (const [, parent] of parents.matchAll(/"(\.[^"]*)"/g))
    addSettings(resolve(dirname(path), parent.endsWith('.json') ? parent : `${parent}.json`), inputs);
}
