// One tenant floods the queue; the others are served as if it had not.

import { Queue } from "edgeq/client";
import { consume, rateLimited } from "edgeq/consumer";

interface Report {
  readonly tenant: string;
}

const FLOOD = 1_000;
const QUIET = 20;
const EACH = 5;
const PER_TENANT = 2;

const url = process.env["EDGEQ_URL"] ?? "http://127.0.0.1:8787";
const reports = new Queue<Report>(`reports-${Date.now()}`, { url });

// At most two reports of a tenant at a time, whoever asks. Tenants take turns without being told to.
await reports.configure({ keys: { concurrency: PER_TENANT } });

// The flood comes first: without keys, everybody else would wait for all of it.
await send("tenant-0", FLOOD);
await Promise.all(Array.from({ length: QUIET }, (_, n) => send(`tenant-${n + 1}`, EACH)));

const done = new Map<string, number>();
const running = new Map<string, number>();
let mostAtOnce = 0;
let isLimited = true;
let floodBeside = 0;

const consumer = consume<Report>(
  async ({ payload: { tenant } }) => {
    // The upstream of one tenant has enough, once: all that is this tenant's rests, and nobody else's.
    if (tenant === "tenant-7" && isLimited) {
      isLimited = false;
      throw rateLimited(200);
    }
    const now = change(running, tenant, 1);
    mostAtOnce = Math.max(mostAtOnce, now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    change(running, tenant, -1);
    change(done, tenant, 1);
    if (quietDone() === QUIET * EACH && floodBeside === 0) floodBeside = done.get("tenant-0") ?? 0;
  },
  { queue: reports, concurrency: 8 },
);

while (quietDone() < QUIET * EACH) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await consumer.stop();

const { limited, ready } = await reports.keys.get("tenant-0");
console.log(`${QUIET * EACH} tasks of ${QUIET} tenants were done beside ${floodBeside} of the flood's ${FLOOD}`);
console.log(`at most ${mostAtOnce} tasks of a tenant ran at a time; ${ready} of the flood wait`);
await reports.delete();
if (mostAtOnce > PER_TENANT || limited !== null) throw new Error("a tenant had more than its share");
if (floodBeside > FLOOD / 4) throw new Error("the flood delayed the others");

async function send(tenant: string, count: number): Promise<void> {
  await reports.enqueueBatch(Array.from({ length: count }, () => ({ payload: { tenant }, key: tenant })));
}

function quietDone(): number {
  let sum = 0;
  for (const [tenant, count] of done) if (tenant !== "tenant-0") sum += count;
  return sum;
}

function change(counts: Map<string, number>, tenant: string, by: number): number {
  const count = (counts.get(tenant) ?? 0) + by;
  counts.set(tenant, count);
  return count;
}
