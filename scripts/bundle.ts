// Bundles src and its run-time packages into dist, as the image has it: a few files instead of a thousand, because loading files is
// most of the start-up time (docs/decisions/0017-the-image-holds-a-bundle.md).
// Usage: node scripts/bundle.ts [--outdir=dist] [--papers=FOLDER]. --papers copies manifests and licences of the bundled packages.

import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, type Metafile, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");

/**
 * An `import` of a built-in module reads each of its properties once, and reading one of `http` loads Node's own copy of undici:
 * 5 MB and a tenth of the start-up time. `getBuiltinModule` avoids this.
 */
const builtIns: Plugin = {
  name: "built-ins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path }) => (isBuiltin(path) ? { path, namespace: "built-in" } : null));
    onLoad({ filter: /./, namespace: "built-in" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** The index of undici loads all of it. These parts are a quarter; an import of any other part fails the build. */
const undici: Plugin = {
  name: "undici",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: "parts" }));
    onLoad({ filter: /./, namespace: "parts" }, () => ({
      resolveDir: root,
      contents: [
        'import * as api from "undici/lib/api/index.js";',
        'import Dispatcher from "undici/lib/dispatcher/dispatcher.js";',
        "Object.assign(Dispatcher.prototype, api);",
        ...undiciParts.map(([name, file]) => `export { default as ${name} } from "undici/lib/dispatcher/${file}.js";`),
      ].join("\n"),
    }));
  },
};

const undiciParts = [
  ["Agent", "agent"],
  ["EnvHttpProxyAgent", "env-http-proxy-agent"],
  ["Pool", "pool"],
  ["ProxyAgent", "proxy-agent"],
];

/**
 * What a package imports and this service never uses: 0.5 MB of text. In its place is a stub that throws when it is
 * read. The build fails when another file imports it too, and when the named file no longer does.
 */
const unused = [
  // For exemplars, which are off.
  { path: /^@opentelemetry\/api$/, importer: "prom-client/lib/metrics/processCpuTotal.js" },
  // Handlebars catches the error and compiles without source maps, as in a browser.
  { path: /^source-map$/, importer: "handlebars/dist/cjs/handlebars/compiler/code-gen.js" },
  // Charsets that Express refuses in JSON, the only body it decodes.
  { path: /^\.\/tables\/.*\.json$/, importer: "iconv-lite/encodings/dbcs-data.js" },
];

export const stubs: Plugin = {
  name: "stubs",
  setup({ onResolve, onLoad, onEnd }) {
    const stubbed = new Set<string>();
    for (const { path: filter, importer: expected } of unused) {
      onResolve({ filter }, ({ path, importer }) => {
        if (importer !== join(root, "node_modules", expected)) {
          return { errors: [{ text: `${importer} imports ${path}, which is a stub for ${expected}` }] };
        }
        stubbed.add(expected);
        return { path, namespace: "stub" };
      });
    }
    onLoad({ filter: /./, namespace: "stub" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get() { throw new Error("${path} is not in the bundle"); } });`,
    }));
    onEnd(() => {
      const stale = unused.filter(({ importer }) => !stubbed.has(importer));
      return { errors: stale.map(({ importer, path }) => ({ text: `${importer} no longer imports ${path}` })) };
    });
  },
};

export async function bundle(outdir: string): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    outdir,
    entryPoints: [
      { in: "src/main.ts", out: "main" },
      { in: "src/receive/password-worker.ts", out: "chunks/password-worker" },
      { in: "src/deliver/render-worker.ts", out: "chunks/render-worker" },
      { in: "src/console/playground-worker.ts", out: "chunks/playground-worker" },
      { in: "src/graph/drawing-worker.ts", out: "chunks/drawing-worker" },
      // Where `require` finds it, which esbuild does not follow.
      { in: "re2js", out: "node_modules/re2js" },
      { in: "@prometheus-io/lezer-promql", out: "node_modules/@prometheus-io/lezer-promql" },
    ],
    // At the same depth as the files of src, which look for templates and package.json two folders above their own.
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // Packages use them when they are there. They are not, but development tools may install supports-color.
    external: ["pg-native", "supports-color"],
    // Every byte of source stays in memory. Names are kept, and lines stay short enough for stack traces.
    minifyWhitespace: true,
    lineLimit: 120,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    plugins: [builtIns, undici, stubs],
  });
  for (const file of files) cpSync(join(root, file), join(outdir, file));
  return metafile;
}

/** Files of packages that are read as they are, where `require` finds them: what a browser loads, and WebAssembly. */
const files = ["node_modules/htmx.org/dist/htmx.min.js", "node_modules/@resvg/resvg-wasm/index_bg.wasm"];

/** Copies manifest and licence of every bundled package to where image scanners look for them. */
export function copyPapers({ inputs }: Metafile, to: string): void {
  const folders = [...Object.keys(inputs), ...files].flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(path)?.[0] ?? [],
  );
  for (const folder of new Set(folders)) {
    const papers = readdirSync(join(root, folder)).filter((name) =>
      /^(?:package\.json|(?:licen[cs]e|notice|copying)\b.*)$/iu.test(name),
    );
    mkdirSync(join(to, folder), { recursive: true });
    for (const name of papers) cpSync(join(root, folder, name), join(to, folder, name));
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { outdir: { type: "string", default: "dist" }, papers: { type: "string" } },
  });
  const metafile = await bundle(resolve(root, values.outdir));
  if (values.papers !== undefined) copyPapers(metafile, resolve(root, values.papers));
}
