// `npm run docs:http`: writes the tables of docs/http.md and docs/socket.md from the declarations. With `--check` it only says
// whether they are what the declarations say.

import { fieldRows } from "../src/api/field-rows.ts";
import { hasQuery } from "../src/api/endpoint-facts.ts";
import { ENDPOINTS } from "../src/api/openapi.ts";
import { rawOptions } from "../src/api/operations/task-fields.ts";
import { OPERATIONS } from "../src/api/operation-table.ts";
import type { Endpoint } from "../src/api/operation.ts";
import type { FieldMap } from "../src/api/schema/schema.ts";
import { withTable, writePages, type Pages } from "./doc-pages.ts";

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

const PAGES: Pages = {
  "docs/http.md": httpReference,
  "docs/socket.md": socketReference,
};

if (import.meta.main) await writePages(PAGES, "npm run docs:http");
