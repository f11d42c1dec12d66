// `npm run databases`: makes the databases of test/upgrade/databases again, each with the code of the last commit that had its
// schema, from the history of git. `-- --schema 3` makes one. A new one takes a line here when its schema is followed by another.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { earlierCode, type EarlierQueue } from "./earlier-queue.ts";
import { liveEarlier } from "./earlier-life.ts";
import { dumped, withBytes } from "./stored-database.ts";

/** By its schema, the last commit that wrote it. */
const COMMITS: Readonly<Record<number, string>> = {
  1: "239d982",
  2: "ade7a1e",
  3: "81d6f7c",
  4: "10e62fc",
  5: "58c23be",
  6: "9dec8bf",
  7: "5421d3f",
  8: "dd24359",
  9: "df0d93b",
  10: "8517d7d",
  11: "bfd319d",
  12: "568ac71",
};

const { values } = parseArgs({ options: { schema: { type: "string" } } });
for (const [schema, commit] of Object.entries(COMMITS)) {
  if (values.schema !== undefined && values.schema !== schema) continue;
  await make(Number(schema), commit);
}

async function make(schema: number, commit: string): Promise<void> {
  const code = earlierCode(commit);
  try {
    const queue = await code.open("orders");
    const remains = await liveEarlier(schema, queue, await code.open("billing"));
    const [reached] = queue.sql.all("SELECT max(version) AS version FROM schema_version");
    if (reached?.["version"] !== schema) throw new Error(`${commit} has schema ${Number(reached?.["version"])}`);
    const database = dumped(queue.sql);
    const stored = { schema, commit, now: queue.now(), database, shown: await shown(queue, schema), remains };
    const path = new URL(`databases/schema-${schema}.json`, import.meta.url);
    writeFileSync(path, `${JSON.stringify(stored, withBytes, 2)}\n`);
    console.log(`schema ${schema}, by ${commit}: ${database.length} statements`);
  } finally {
    code.remove();
  }
}

/** What the queue shows of itself, in its own version's words. */
async function shown(queue: EarlierQueue, schema: number): Promise<object> {
  return {
    tasks: (await all(queue, "browse", { limit: 1_000, after: 0 }, "tasks")).sort(byId),
    queue: await queue.operate("getQueue", null),
    documents: schema < 2 ? [] : await all(queue, "listDocuments", { prefix: "", limit: 100, after: "" }, "documents"),
    keys: schema < 5 ? [] : await all(queue, "listKeys", { limit: 100, after: "" }, "keys"),
  };
}

/** Every item of a list, however many pages it takes. */
async function all(queue: EarlierQueue, operation: string, first: object, items: string): Promise<{ id: string }[]> {
  const found: { id: string }[] = [];
  for (let input: object | null = first; input !== null;) {
    const page = (await queue.operate(operation, input)) as unknown as Record<string, { id: string }[]> & {
      after: unknown;
    };
    found.push(...(page[items] ?? []));
    input = page.after === null ? null : { ...first, after: page.after };
  }
  return found;
}

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}
