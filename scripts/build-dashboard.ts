// `npm run build:dashboard`: the dashboard's code and style, bundled for browsers, as one module of named files that servers
// import. Everything that bundles or tests the Worker builds it first, so nobody has to.

import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { PROJECT_DIR } from "./worker-config.ts";

const SOURCE_DIR = resolve(PROJECT_DIR, "src/dashboard");
const MODULE_PATH = resolve(SOURCE_DIR, "serve/built.ts");

const PAGE_BUILD = {
  absWorkingDir: PROJECT_DIR,
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  platform: "browser",
  target: ["chrome123", "firefox120", "safari17.5"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
  outdir: "out",
} as const satisfies BuildOptions;

interface BuiltFile {
  /** "/" for the document, else with the content's hash in its name. */
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  readonly body: string;
}

/** Builds what `src/dashboard/serve/page-files.ts` serves, and answers with the files. The module is replaced only when it changes. */
export async function buildDashboard(): Promise<readonly BuiltFile[]> {
  const { outputFiles } = await build({
    ...PAGE_BUILD,
    entryPoints: { app: resolve(SOURCE_DIR, "main.tsx"), style: resolve(SOURCE_DIR, "style/style.css") },
  });
  const textOf = (end: string): string => {
    const file = outputFiles.find(({ path }) => path.endsWith(end));
    if (file === undefined) throw new Error(`esbuild made no ${end} file of the dashboard`);
    return file.text;
  };
  const assets = [
    named("app", "js", "text/javascript; charset=utf-8", textOf(".js")),
    named("style", "css", "text/css; charset=utf-8", textOf(".css")),
    named("icon", "svg", "image/svg+xml", await readFile(resolve(SOURCE_DIR, "icon.svg"), "utf8")),
  ];
  let document = await readFile(resolve(SOURCE_DIR, "page.html"), "utf8");
  for (const { path } of assets) document = document.replace(unhashed(path), path);
  const files = [...assets, { path: "/", type: "text/html; charset=utf-8", etag: etagOf(document), body: document }];
  await replaceIfChanged(MODULE_PATH, moduleOf(files));
  return files;
}

function named(name: string, extension: string, type: string, body: string): BuiltFile {
  return { path: `/dashboard/${name}-${hashOf(body)}.${extension}`, type, etag: etagOf(body), body };
}

/** As the document names it: /dashboard/app.js. */
function unhashed(path: string): string {
  return path.replace(/-[0-9a-f]+\./, ".");
}

function hashOf(body: string): string {
  return createHash("sha256").update(body).digest("hex").slice(0, 12);
}

function etagOf(body: string): string {
  return `"${hashOf(body)}"`;
}

function moduleOf(files: readonly BuiltFile[]): string {
  const entries = files.map((file) => `  ${JSON.stringify(file.path)}: ${JSON.stringify(file)},`);
  return `// Made by scripts/build-dashboard.ts.

interface BuiltFile {
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  readonly body: string;
}

export const FILES: Readonly<Record<string, BuiltFile>> = {
${entries.join("\n")}
};
`;
}

/** Whole, so that another process which builds at the same time reads the old module or the new one. */
async function replaceIfChanged(path: string, content: string): Promise<void> {
  const found = await readFile(path, "utf8").catch(() => null);
  if (found === content) return;
  const part = `${path}.${randomUUID()}.part`;
  await writeFile(part, content);
  await rename(part, path);
}

if (import.meta.main) {
  await buildDashboard();
  console.log(relative(process.cwd(), MODULE_PATH));
}
