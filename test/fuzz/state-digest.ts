// What a server holds, as a digest: once as its API shows it, and once as its databases have it while it is stopped.

import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** All that looking at a queue and at the list of queues tells, but for what goes on by itself with time. */
export async function shownDigest(url: string, queue: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of ["tasks?limit=1000", "documents?limit=1000", "outbox?limit=1000", ""])
    hash.update(withoutTime(await textOf(`${url}/v1/queues/${queue}${path === "" ? "" : `/${path}`}`)));
  return hash.update(await textOf(`${url}/v1/queues?limit=1000`)).digest("hex");
}

/** Every row of every table of every database below a folder. The server must not be running. */
export function storedDigest(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /[0-9a-f]{64}\.sqlite$/.test(name)).toSorted()) {
    const database = new DatabaseSync(join(folder, file), { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
    for (const { name } of tables) {
      // The platform's own: the alarm, which is armed again at a start.
      if (String(name).startsWith("_cf_")) continue;
      // What queues last reported to the directory, with the time: a queue that is woken reports, whatever it is asked.
      if (name === "reports") continue;
      const rows = database.prepare(`SELECT * FROM "${String(name)}"`).all();
      hash.update(`${file} ${String(name)} ${JSON.stringify(rows)}\n`);
    }
    database.close();
  }
  return hash.digest("hex");
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

function withoutTime(text: string): string {
  return text.replaceAll(/"(oldestReadyAgeMs|bytes)":(\d+|null)/g, "");
}
