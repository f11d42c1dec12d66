// What all pages have in common: links lead somewhere, and no block of code is there that nothing looks at.

import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Ajv } from "ajv";
import type { Command } from "commander";
import { transform } from "esbuild";
import { parse } from "smol-toml";
import { expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { edgeqProgram } from "../../src/cli/program.ts";
import { parseIssuers } from "../../src/http/identity/issuer-settings.ts";
import { parseConsumers } from "../../src/push/consumer-config.ts";
import { isJson } from "./is-json.ts";
import { blocksOf, type Block } from "./walk-page.ts";

const PAGES = (
  await Array.fromAsync(glob(["*.md", "docs/**/*.md", "examples/**/*.md", "bench/*.md"], { cwd: PROJECT_DIR }))
)
  .filter((path) => !path.includes("node_modules"))
  .toSorted();

/** Pages whose programs programs.node.test.ts runs. */
const RUN = /^(README|docs\/(client|consumer|keys|monitor|trace|migrate-from-(bullmq|postgres|sqs)))\.md$/;
/** Pages whose Workers worker-programs.node.test.ts runs. */
const WORKERS = /^docs\/(binding|embed|migrate-from-cloudflare-queues)\.md$/;
/** Tests, which test/package/testing.node.test.ts runs. */
const TESTS = /^docs\/(test|keys)\.md$/;
/** Pages that are walked, block by block. */
const WALKED = /^(README|docs\/(auth|backup|cli|deploy|http|limits|start|troubleshooting))\.md$/;
/** A program for another queue, and a part of a file. */
const PARSED_ONLY = new Set(["before", "part"]);
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
      // What is in it, below.
      return true;
    case "sql":
      return rest === "no-run";
    case "caddyfile":
    case "nginx":
      // Run by proxies.node.test.ts.
      return page === "docs/self-host.md";
    case "ts":
    case "js":
      return (
        PARSED_ONLY.has(rest) ||
        (rest === "run" ? TESTS : RUN).test(page) ||
        WORKERS.test(page) ||
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

/** How many blocks of a page nothing runs, and why. Their commands of edgeq are looked at all the same, below. */
const NOT_RUN: Readonly<Record<string, readonly [blocks: number, why: string]>> = {
  "CONTRIBUTING.md": [1, "takes hours"],
  "README.md": [2, "installs the checkout that this is"],
  "bench/README.md": [1, "takes hours"],
  "docs/auth.md": [3, "wants an account, or a server of one's own with keys"],
  "docs/backup.md": [1, "goes back in time, which Cloudflare does only"],
  "docs/cli.md": [1, "goes on until it is stopped"],
  "docs/dashboard.md": [2, "wants a server of one's own with keys"],
  "docs/deploy.md": [3, "wants an account"],
  "docs/embed.md": [1, "wants an account"],
  "docs/keys.md": [1, "is a setting, parsed as JSON"],
  "docs/monitor.md": [1, "is asked of Cloudflare's Analytics Engine"],
  "docs/self-host.md": [2, "is run line by line in test/package/deploy.node.test.ts, without Docker"],
};

it.each(PAGES)("the programs of %s that are not run are TypeScript", async (page) => {
  const blocks = blocksOf(await readFile(join(PROJECT_DIR, page), "utf8")).filter(({ rest }) => PARSED_ONLY.has(rest));
  const parsed = await Promise.all(blocks.map(({ body }) => transform(body, { loader: "ts", format: "esm" })));
  expect(parsed.flatMap(({ warnings }) => warnings)).toEqual([]);
});

it("what is not run has a reason", async () => {
  const blocks = await Promise.all(
    PAGES.map(async (page) => {
      const skipped = blocksOf(await readFile(join(PROJECT_DIR, page), "utf8")).filter(({ rest }) => rest === "no-run");
      return [page, skipped.length] as const;
    }),
  );
  const expected = Object.entries(NOT_RUN).map(([page, [count]]) => [page, count]);
  expect(blocks.filter(([, count]) => count > 0)).toEqual(expected);
});

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

const isWranglers = new Ajv({ strict: false, validateFormats: false }).compile(
  JSON.parse(await readFile(join(PROJECT_DIR, "node_modules/wrangler/config-schema.json"), "utf8")) as object,
);

/** What edgeq makes of its variables. */
const PARSED: Readonly<Record<string, (value: unknown) => object>> = {
  EDGEQ_ISSUERS: parseIssuers,
  EDGEQ_CONSUMERS: parseConsumers,
};

it.each(PAGES)("the configurations in %s hold what wrangler and edgeq take, and nothing else", async (page) => {
  for (const { kind, body } of blocksOf(await readFile(join(PROJECT_DIR, page), "utf8"))) {
    if (kind !== "toml") continue;
    const config = parse(body);
    expect({ isTaken: isWranglers(config), errors: isWranglers.errors }).toEqual({ isTaken: true, errors: null });
    for (const [name, value] of Object.entries(config["vars"] ?? {})) {
      expect({ name, ...PARSED[name]?.(value) }).toMatchObject({
        name,
        kind: expect.stringMatching(/^(issuers|parsed)$/) as string,
      });
    }
  }
});

/** By its path, such as "tokens make": the long and short names of the options that a command takes. */
function optionsOf(command: Command, path: readonly string[] = []): [path: string, options: Set<string>][] {
  const names = command.options.flatMap(({ long, short }) => [long, short]);
  const inherited = command.parent?.options.flatMap(({ long }) => long) ?? [];
  return [
    [path.join(" "), new Set([...names, ...inherited, "--help"].filter((name) => typeof name === "string"))],
    ...command.commands.flatMap((sub) => optionsOf(sub, [...path, sub.name()])),
  ];
}

const COMMANDS = new Map(optionsOf(edgeqProgram("0")));

it.each(PAGES)("the commands of edgeq in %s are there, and take the options that they are shown with", async (page) => {
  for (const { kind, body } of blocksOf(await readFile(join(PROJECT_DIR, page), "utf8"))) {
    if (kind !== "sh") continue;
    for (const [, shown = ""] of body
      .replaceAll(QUOTED, "_")
      .replaceAll(/ #.*/g, "")
      .matchAll(/(?:^|[ (])edgeq (?!\.)([^|>&)\n]*)/gm)) {
      const [own = ""] = shown.split(" -- ");
      const words = own.trim().split(/\s+/);
      const path = [words.slice(0, 2).join(" "), words[0] ?? ""].find((name) => COMMANDS.has(name));
      expect({ shown, isThere: path !== undefined }).toEqual({ shown, isThere: true });
      const options = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split("=")[0] ?? "");
      expect({ shown, unknown: options.filter((name) => COMMANDS.get(path ?? "")?.has(name) !== true) }).toEqual({
        shown,
        unknown: [],
      });
    }
  }
});

it("the index leads to every page of docs/", async () => {
  const index = await readFile(join(PROJECT_DIR, "docs/README.md"), "utf8");
  for (const page of PAGES.filter((path) => /^docs\/(api\/)?[\w-]+\.md$/.test(path) && path !== "docs/README.md")) {
    expect(index).toContain(`](${page.slice("docs/".length)})`);
  }
});
