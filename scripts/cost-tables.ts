// `npm run docs:cost`: writes what tasks cost into the README and the docs, from what `npm run bench:cost` has counted and from the
// prices that a queue reckons its own cost by. With `--check` it only says whether they are so.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dollarsPerMillionTasks, otherQueues, type Bill } from "../bench/cost/prices.ts";
import { withTable, writePages, type Pages } from "./doc-pages.ts";
import { PROJECT_DIR } from "./worker-config.ts";

interface Counted {
  readonly profile: { readonly name: string };
  readonly bill: Bill;
}

const counted = JSON.parse(readFileSync(join(PROJECT_DIR, "docs/benchmarks/cost.json"), "utf8")) as Counted[];

/** What the docs call a profile. The first is the client as it is; all but two are safe to repeat. */
const WAYS: readonly (readonly [words: string, profile: string])[] = [
  ["one by one, as the client does by default: a request that is sent again is made once", "one by one, numbered"],
  ["one by one, with `idempotent: false`", "one by one"],
  ["one by one over WebSockets", "one by one over sockets, numbered"],
  ["one by one, with ids of your own", "one by one, own ids"],
  ["in tens", "in tens, numbered"],
  ["in hundreds", "in hundreds, numbered"],
];

function billOf(profile: string): Bill {
  const found = counted.find(({ profile: { name } }) => name === profile);
  if (found === undefined) throw new Error(`docs/benchmarks/cost.json has no profile ${JSON.stringify(profile)}`);
  return found.bill;
}

/** Two digits at most. */
function rowsOf(profile: string): string {
  const { rowsWritten, tasks } = billOf(profile);
  return String(Number((rowsWritten / tasks).toFixed(2)));
}

/** Alarms, reads and requests included, over the internet. */
function dollarsTable(text: string): string {
  const own = WAYS.map(([words, profile]) => [
    words,
    rowsOf(profile),
    dollarsPerMillionTasks(billOf(profile)).total.toFixed(2),
  ]);
  const others = otherQueues.map(({ name, dollarsPerMillionTasks: dollars }) => [
    `beside it: ${name}`,
    "",
    dollars.toFixed(2),
  ]);
  return withTable(text, "tasks", ["tasks", "rows written a task", "dollars a million tasks"], [...own, ...others]);
}

const SIZES = [
  ["one at a time", "one by one"],
  ["in tens", "in tens"],
  ["in hundreds", "in hundreds"],
] as const;

function rowsTable(text: string): string {
  const first = "rows written a task, from enqueue to ack";
  const rows = SIZES.map(([words, profile]) => [
    words,
    rowsOf(`${profile}, numbered`),
    rowsOf(profile),
    // Not counted: about the same as in hundreds, since each such task has rows of its own.
    profile === "in tens" ? "" : rowsOf(`${profile}, own ids`),
  ]);
  return withTable(text, first, [first, "by default", "`idempotent: false`", "with ids of your own"], rows);
}

const PAGES: Pages = {
  "README.md": dollarsTable,
  "docs/client.md": rowsTable,
  "docs/concepts.md": dollarsTable,
  "docs/migrate-from-bullmq.md": dollarsTable,
  "docs/migrate-from-cloudflare-queues.md": dollarsTable,
  "docs/migrate-from-postgres.md": dollarsTable,
  "docs/migrate-from-sqs.md": dollarsTable,
};

if (import.meta.main) await writePages(PAGES, "npm run docs:cost");
