// `npm run docs:api`: the API reference in docs/api, one page an entry point, from the declarations that are published. What a
// declaration says in its comments is the reference; this only finds what an entry exports and puts it in order. With
// --check it writes nothing, and fails where the pages are out of date.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { buildPackage } from "./build-package.ts";
import { PROJECT_DIR } from "./worker-config.ts";

const PAGES = { client: "edgeq/client", consumer: "edgeq/consumer", testing: "edgeq/testing" } as const;

interface Declaration {
  readonly name: string;
  /** The comment before it, without its frame. */
  readonly about: string;
  readonly code: string;
}

/** @param dir where the package was built @returns each page's name and text */
export async function apiPages(dir: string): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const [folder, entry] of Object.entries(PAGES)) {
    const declarations = together(await exportsOf(join(dir, folder, "index.d.ts")));
    if (declarations.length === 0) throw new Error(`${entry} exports nothing`);
    const sections = declarations.map(({ name, about, code }) =>
      [`## ${name}`, about, `\`\`\`ts\n${code}\n\`\`\``].filter((part) => part !== "").join("\n\n"),
    );
    const head = `# ${entry}\n\nMade from the docstrings by \`npm run docs:api\`; changes belong there.`;
    pages.set(`${folder}.md`, `${[head, ...sections].join("\n\n")}\n`);
  }
  return pages;
}

/** What is declared together is told together. */
function together(declarations: readonly Declaration[]): Declaration[] {
  const byCode = Map.groupBy(declarations, ({ code }) => code);
  return [...byCode.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, name: group.map(({ name }) => name).join(", ") }];
  });
}

/** All that a module exports, also what it passes on, in its order. */
async function exportsOf(path: string): Promise<Declaration[]> {
  const text = await readFile(path, "utf8");
  const own = declarationsIn(text);
  const found: Declaration[] = [];
  for (const [, names, from] of text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from "(\.[^"]+)\.js";/gm)) {
    const all = await exportsOf(resolve(dirname(path), `${from}.d.ts`));
    if (names === "*") found.push(...all);
    for (const name of names === "*" ? [] : namesIn(names ?? "")) {
      const one = all.find((declaration) => declaration.name === name);
      if (one === undefined) throw new Error(`${path} exports ${name}, which ${from} does not declare`);
      found.push(one);
    }
  }
  return [...found, ...own];
}

function namesIn(list: string): string[] {
  return [...list.matchAll(/(?:type )?([\w$]+)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

const START = /^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) ([\w$]+)/;

/** A declaration begins in the first column and ends where its brackets are closed. */
function declarationsIn(text: string): Declaration[] {
  const found: Declaration[] = [];
  let comment: string[] = [];
  let code: string[] = [];
  for (const line of text.split("\n")) {
    if (code.length === 0 && /^(\/\*\*| \*)/.test(line)) {
      comment = line.startsWith("/**") ? [line] : [...comment, line];
      continue;
    }
    if (code.length > 0 || START.test(line)) code.push(line);
    if (code.length === 0 || !isClosed(code.join("\n"))) continue;
    const about = proseOf(comment);
    for (const name of declaredIn(code.join("\n"))) found.push({ name, about, code: shown(code) });
    comment = [];
    code = [];
  }
  return found;
}

/** One name, or all that one `const` declares. */
function declaredIn(code: string): string[] {
  const first = START.exec(code)?.[1] ?? "";
  if (!code.startsWith("export declare const")) return [first];
  return [first, ...[...code.matchAll(/, ([A-Z]\w*): /g)].map(([, name]) => name ?? "")];
}

function isClosed(code: string): boolean {
  const text = code.replaceAll(/\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"/g, "");
  const depth = (text.match(/[{([]/g)?.length ?? 0) - (text.match(/[})\]]/g)?.length ?? 0);
  return depth === 0 && /[;}]\s*$/.test(text);
}

function shown(code: readonly string[]): string {
  return code
    .filter((line) => !/^\s*#private;|^\s*private /.test(line))
    .join("\n")
    .replace(/^export (declare )?/, "");
}

/** The comment as text: tags as they are, which readers of code know. */
function proseOf(comment: readonly string[]): string {
  return comment
    .join("\n")
    .replaceAll(/^\/\*\*\s?|\s*\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^ \* ?/, ""))
    .join("\n")
    .replaceAll(/^@(\w+)/gm, "**$1**")
    .trim();
}

if (import.meta.main) {
  const target = join(PROJECT_DIR, "docs/api");
  const isCheck = process.argv.includes("--check");
  await mkdir(target, { recursive: true });
  for (const [name, text] of await apiPages(await buildPackage())) {
    const path = join(target, name);
    if (!isCheck) await writeFile(path, text);
    else if ((await readFile(path, "utf8")) !== text) {
      console.error(`docs/api/${name} is not what the docstrings say: npm run docs:api`);
      process.exitCode = 1;
    }
  }
}
