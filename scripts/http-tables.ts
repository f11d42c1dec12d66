// `npm run docs:http`: writes the tables of docs/http.md and docs/socket.md from the declarations. With `--check` it only says
// whether they are what the declarations say.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fieldRows } from "../src/api/field-rows.ts";
import { hasQuery } from "../src/api/endpoint-facts.ts";
import { ENDPOINTS } from "../src/api/openapi.ts";
import { rawOptions } from "../src/api/operations/task-fields.ts";
import { OPERATIONS } from "../src/api/operation-table.ts";
import type { Endpoint } from "../src/api/operation.ts";
import type { FieldMap } from "../src/api/schema/schema.ts";
import { PROJECT_DIR } from "./worker-config.ts";

/** A table with its columns padded, as the docs have them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(3, name.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** The part of a section that the declaration says: its tables and its problems. */
function sectionWith(section: string, endpoint: Endpoint): string {
  const { fields, name, problems } = endpoint;
  const isQuery = hasQuery(endpoint);
  let text = section;
  if (!isQuery) text = withTable(text, "field", ["field", "default", "allowed", "meaning"], fieldTable(fields));
  const parameters = name === "enqueue" ? rawOptions.fields : isQuery ? fields : {};
  text = withTable(text, "parameter", ["parameter", "default", "allowed", "meaning"], fieldTable(parameters));
  const codes = problems.map((code) => `\`${code}\``).join(", ");
  return text.replace(/^Problems: .*$/m, `Problems: ${codes}.`);
}

function fieldTable(fields: FieldMap): string[][] {
  return fieldRows(fields).map(({ path, absent, allowed, about }) => [
    `\`${path}\``,
    absent,
    allowed.replaceAll(/(?<=matching |begin with: )(\S+)/g, "`$1`").replaceAll("|", "\\|"),
    about,
  ]);
}

/** Replaces the table that has this first column. */
function withTable(
  section: string,
  first: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = section.split("\n");
  const start = lines.findIndex((line) => line.split("|")[1]?.trim() === first);
  if (start < 0) {
    if (rows.length > 0) throw new Error(`no table of ${first}s in:\n${section}`);
    return section;
  }
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return [...lines.slice(0, start), table(head, rows), ...lines.slice(end)].join("\n");
}

/** docs/http.md with the tables that the declarations say. */
function httpReference(text: string): string {
  return text
    .split(/^(?=##)/m)
    .map((section) => {
      const heading = /^### (\S+) (\S+)$/m.exec(section.split("\n", 1)[0] ?? "");
      const endpoint = ENDPOINTS.find(
        ({ method, path }) => method === heading?.[1] && path.replaceAll(/:(\w+)/g, "{$1}") === heading[2],
      );
      return endpoint === undefined ? section : sectionWith(section, endpoint);
    })
    .join("");
}

/** docs/socket.md with the table of operations. */
function socketReference(text: string): string {
  const rows = Object.values(OPERATIONS).map((operation) => {
    const { name, action, demands, answer } = operation;
    return [
      `\`${name}\``,
      demands === undefined ? action : `${action}, and what it touches`,
      bodyOf(operation),
      namesOf(answer.json),
    ];
  });
  const credit = ["`credit`", "claim", "`{n, release?, claimTimeoutMs?, claimant?, lanes?}`", "`{n}`"];
  const watch = ["`watch`", "browse", "`{facts?: {lanes?, kinds?}}`", "`{}`"];
  return withTable(text, "op", ["op", "action", "body", "ok"], [...rows, credit, watch]);
}

function bodyOf({ params, fields, name }: Endpoint): string {
  const names = Object.entries({ ...params, ...fields })
    // A frame does not wait.
    .filter(([field]) => !(name === "claim" && field === "waitMs") && !(name === "enqueue" && field === "tasks"))
    .map(([field, { presence }]) => (presence === "required" ? field : `${field}?`));
  const body = `\`{${names.join(", ")}}\``;
  return name === "enqueue" ? `\`{tasks}\` of 1 to 1,000 tasks, or one alone: ${body}` : body;
}

function namesOf(json: Readonly<Record<string, unknown>>): string {
  return `\`{${Object.keys(json["properties"] ?? {}).join(", ")}}\``;
}

const PAGES: Readonly<Record<string, (text: string) => string>> = {
  "docs/http.md": httpReference,
  "docs/socket.md": socketReference,
};

if (import.meta.main) {
  for (const [page, write] of Object.entries(PAGES)) {
    const path = join(PROJECT_DIR, page);
    const before = await readFile(path, "utf8");
    const after = write(before);
    if (after === before) continue;
    if (process.argv.includes("--check")) {
      process.stderr.write(`${page} is not what the declarations say: npm run docs:http\n`);
      process.exitCode = 1;
    } else await writeFile(path, after);
  }
}
