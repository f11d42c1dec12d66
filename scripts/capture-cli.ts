// `node scripts/capture-cli.ts`: runs the command line against a server of its own and draws what it says, docs/cli.svg.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { PROJECT_DIR } from "./worker-config.ts";
import { startWorkerd } from "./workerd-server.ts";

const MAIN = join(PROJECT_DIR, "src/cli/main.ts");
const LINES = Array.from({ length: 5_000 }, (_, order) => JSON.stringify({ order, item: "pen" })).join("\n");

/** Each as a person types it, with its arguments as the shell would split them. */
const SESSION: readonly (readonly [typed: string, args: readonly string[]])[] = [
  ["edgeq send orders --file orders.jsonl", ["send", "orders", "--file", "orders.jsonl"]],
  [
    "edgeq settings orders maxAttempts=2 backoff.minMs=100 | head -3",
    ["settings", "orders", "maxAttempts=2", "backoff.minMs=100"],
  ],
  [
    'edgeq send mails \'{"to": "ada"}\' \'{"to": "nobody"}\' \'{"to": "bob"}\'',
    ["send", "mails", '{"to": "ada"}', '{"to": "nobody"}', '{"to": "bob"}'],
  ],
  ["edgeq work mails './mail.sh' --until-empty", ["work", "mails", "./mail.sh", "--until-empty"]],
  ["edgeq peek mails", ["peek", "mails"]],
  ["edgeq watch orders mails --count 1", ["watch", "orders", "mails", "--count", "1"]],
  ["edgeq doctor", ["doctor"]],
];
const SHOWN_LINES: Readonly<Record<string, number>> = { settings: 3 };

const MAIL = `#!/bin/sh
if grep -q nobody; then echo "no such mailbox" >&2; exit 100; fi
`;

const COLOURS: Readonly<Record<string, string>> = {
  2: "#8b949e",
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  36: "#79c0ff",
};
const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const MARGIN = 18;

const dir = await mkdtemp(join(tmpdir(), "edgeq-capture-"));
const { configPath } = await bundle(join(dir, "worker"));
const server = await startWorkerd({ stateDir: join(dir, "state"), configPath, port: 8787 });
try {
  await writeFile(join(dir, "orders.jsonl"), LINES);
  await writeFile(join(dir, "mail.sh"), MAIL, { mode: 0o755 });
  const screen: string[] = [];
  for (const [typed, args] of SESSION) {
    const said = (await output(args)).trimEnd().split("\n");
    screen.push(`\u001B[1m$ ${typed}\u001B[22m`, ...said.slice(0, SHOWN_LINES[args[0] ?? ""]), "");
  }
  await writeFile(join(PROJECT_DIR, "docs/cli.svg"), drawn(screen.slice(0, -1)));
} finally {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}

/** All that the command says, in the order in which it says it. */
function output(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: dir,
    env: { PATH: process.env["PATH"] ?? "", FORCE_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return new Promise((fulfil, reject) => {
    child.once("error", reject);
    child.once("close", () => fulfil(text));
  });
}

function drawn(lines: readonly string[]): string {
  const columns = Math.max(...lines.map((line) => plain(line).length));
  const width = Math.ceil(columns * CHARACTER_WIDTH) + 2 * MARGIN;
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN;
  const texts = lines.map(
    (line, index) => `<text x="${MARGIN}" y="${MARGIN + (index + 0.75) * LINE_HEIGHT}">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>The edgeq command line</title>
<style>text { white-space: pre }</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">
${texts.join("\n")}
</g>
</svg>
`;
}

/** The colours and weights of a terminal, as those of SVG. */
function spans(line: string): string {
  // oxlint-disable-next-line no-control-regex
  const [head = "", ...parts] = line.split(/\u001B\[(\d+)m/);
  let svg = escaped(head);
  for (let index = 0; index < parts.length; index += 2) {
    const [code = "", text = ""] = parts.slice(index, index + 2);
    const fill = COLOURS[code];
    const style = code === "1" ? ' font-weight="bold"' : fill === undefined ? "" : ` fill="${fill}"`;
    svg += style === "" ? escaped(text) : `<tspan${style}>${escaped(text)}</tspan>`;
  }
  return svg;
}

function plain(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return line.replaceAll(/\u001B\[\d+m/g, "");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
