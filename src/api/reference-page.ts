// The API as a page for people: one self-contained HTML document, made of the same declarations as the OpenAPI document.

import { PROBLEMS } from "../protocol/problem.ts";
import { problemsOf } from "./endpoint-facts.ts";
import type { Endpoint } from "./operation.ts";
import { fieldRows } from "./field-rows.ts";
import { ENDPOINTS } from "./openapi.ts";
import { unlinked } from "./unlinked.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-top: 1px solid #8886; padding-top: 1rem; font-size: 1.1rem; overflow-wrap: anywhere; }
code, pre { font: 0.875em/1.4 ui-monospace, monospace; }
pre { overflow: auto; padding: 0.75rem; border: 1px solid #8886; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: 0.25rem 0.5rem; border-bottom: 1px solid #8886; }
nav a { display: inline-block; margin-right: 1rem; } .wide { overflow-x: auto; }
`;

/** The whole page, as text. */
export function referencePage(): string {
  const links = ENDPOINTS.map(({ name }) => `<a href="#${name}">${name}</a>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>edgeq: the HTTP API</title><style>${STYLE}</style></head>
<body>
<h1>edgeq: the HTTP API</h1>
<p>For programs the same is at <a href="/v1/openapi.json">/v1/openapi.json</a>. Durations end in <code>Ms</code>, instants in <code>At</code>
(milliseconds since 1970). Unknown fields and parameters are refused.</p>
<nav aria-label="Operations">${links}</nav>
${ENDPOINTS.map(section).join("\n")}
<h2 id="problems">Problems</h2>
${table(
  ["code", "status", "retry", "meaning"],
  Object.entries(PROBLEMS).map(([code, { status, retryable, title }]) => [
    `\`${code}\``,
    String(status),
    retryable ? "yes" : "no",
    title,
  ]),
)}
</body>
</html>
`;
}

function section(endpoint: Endpoint): string {
  const { name, method, path, about, action, status, example, repeat } = endpoint;
  const fields = fieldRows({ ...endpoint.params, ...endpoint.fields });
  const again = typeof repeat === "string" ? repeat : repeat.when;
  return `<section aria-labelledby="${name}">
<h2 id="${name}"><code>${method} ${escaped(path.replaceAll(/:(\w+)/g, "{$1}"))}</code></h2>
<p>${inline(about)} ${action === null ? "Open to all." : `Needs the action <code>${action}</code>.`} Answers ${status}. Safe to repeat: ${inline(again)}.</p>
${
  fields.length === 0
    ? ""
    : table(
        ["field", "if absent", "allowed", "meaning"],
        fields.map(({ path: field, absent, allowed, about: meaning }) => [`\`${field}\``, absent, allowed, meaning]),
      )
}
${example.body === undefined ? "" : `<p>Fields</p>${json(example.body)}`}
<p>Answer</p>${json(example.answer)}
<p>Problems: ${problemsOf(endpoint)
    .map((code) => `<code>${code}</code>`)
    .join(", ")}</p>
</section>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = head.map((name) => `<th scope="col">${name}</th>`).join("");
  const body = rows.map(rowOf).join("\n");
  return `<div class="wide" tabindex="0"><table><thead><tr>${names}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function rowOf(row: readonly string[]): string {
  return `<tr>${row.map((cell) => `<td>${inline(cell)}</td>`).join("")}</tr>`;
}

function json(value: unknown): string {
  return `<pre tabindex="0">${escaped(JSON.stringify(value, null, 2))}</pre>`;
}

/** Text with code between backticks. */
function inline(text: string): string {
  return escaped(unlinked(text)).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
