// What all pages have in common: links lead somewhere, and no block of code is there that nothing looks at.

import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";
import { expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { blocksOf, type Block } from "./walk-page.ts";

const PAGES = (
  await Array.fromAsync(glob(["*.md", "docs/**/*.md", "examples/**/*.md", "bench/*.md"], { cwd: PROJECT_DIR }))
)
  .filter((path) => !path.includes("node_modules"))
  .toSorted();

/** Pages whose programs programs.node.test.ts runs. */
const RUN = /^(README|docs\/(client|consumer|keys|monitor|trace|migrate-from-(bullmq|postgres|sqs)))\.md$/;
/** Pages of Workers' parts, which are compiled against the package; examples that show the same are run. */
const COMPILED = /^docs\/(binding|embed|migrate-from-cloudflare-queues)\.md$/;
/** Tests, which test/package/testing.node.test.ts runs. */
const TESTS = /^docs\/(test|keys)\.md$/;
/** Pages that are walked, block by block. */
const WALKED = /^(README|docs\/(auth|deploy|http|start))\.md$/;
/** What is run by other tests: each example's README has its one command. */
const RUN_ELSEWHERE = /^examples\//;

/** As GitHub makes anchors of headings. */
function anchorsOf(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

it.each(PAGES)("the links of %s lead to files and headings that are there", async (page) => {
  const text = await readFile(join(PROJECT_DIR, page), "utf8");
  const links = [...text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, to = ""]) => to,
  );
  for (const to of links.filter((link) => !/^(https?|mailto):/.test(link))) {
    const [path = "", anchor] = to.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    expect({ to, isThere: existsSync(resolve(PROJECT_DIR, target)) }).toEqual({ to, isThere: true });
    if (anchor === undefined) continue;
    const anchors = anchorsOf(await readFile(join(PROJECT_DIR, target), "utf8"));
    expect({ to, isThere: anchors.has(anchor) }).toEqual({ to, isThere: true });
  }
});

it.each(PAGES)("the blocks of %s are run, compiled or parsed, or say why not", async (page) => {
  const blocks = blocksOf(await readFile(join(PROJECT_DIR, page), "utf8"));
  expect(blocks.filter((block) => !isLookedAt(page, block))).toEqual([]);
});

function isLookedAt(page: string, { kind, rest, body }: Block): boolean {
  switch (kind) {
    case "json":
      // Some show several documents, one a line.
      return isJson(body) || body.trim().split("\n").every(isJson);
    case "toml":
      return isToml(body);
    case "ts":
    case "js":
      // `before` is a program for another queue.
      return (
        rest === "before" ||
        (rest === "run" ? TESTS : RUN).test(page) ||
        COMPILED.test(page) ||
        page.startsWith("docs/api/") ||
        (WALKED.test(page) && rest !== "")
      );
    case "sh":
      return rest === "no-run" || WALKED.test(page) || RUN_ELSEWHERE.test(page);
    case "python":
      // Run by test/api/other-language.node.test.ts.
      return page === "docs/http.md" || page === "docs/migrate-from-sqs.md";
    default:
      return kind === "text";
  }
}

/** Between quotes a shell takes everything as it is. */
const QUOTED = /'[^']*'|"[^"]*"/g;

it.each(PAGES.filter((page) => !page.startsWith("bench/")))(
  "the commands of %s can be pasted into zsh, which knows no comments there and wants wildcards quoted",
  async (page) => {
    const blocks = blocksOf(await readFile(join(PROJECT_DIR, page), "utf8")).filter(({ kind }) => kind === "sh");
    const lines = blocks.flatMap(({ body }) => body.split("\n"));
    expect(lines.filter((line) => /(^|\s)#|[?*[]/.test(line.replaceAll(QUOTED, "")))).toEqual([]);
  },
);

it("the index leads to every page of docs/", async () => {
  const index = await readFile(join(PROJECT_DIR, "docs/README.md"), "utf8");
  for (const page of PAGES.filter((path) => /^docs\/(api\/)?[\w-]+\.md$/.test(path) && path !== "docs/README.md")) {
    expect(index).toContain(`](${page.slice("docs/".length)})`);
  }
});

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
