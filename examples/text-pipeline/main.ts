// Documents are split, counted and summed by three workers that fail now and then.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Queue } from "edgeq/client";
import { consume, deadLetter } from "edgeq/consumer";

interface Text {
  readonly path: string;
  readonly text: string;
}
type Counts = Readonly<Record<string, number>>;

/** Texts that are there: the declarations of its client. */
const SOURCE = join(import.meta.dirname, "node_modules/edgeq/dist/package/client");

const url = process.env["EDGEQ_URL"] ?? "http://127.0.0.1:8787";
const texts = new Queue<Text>("texts", { url });
const parts = new Queue<Text>("parts", { url });
const counts = new Queue<Counts>("counts", { url });
for (const queue of [texts, parts]) await queue.configure({ backoff: { minMs: 10 }, maxAttempts: 20 });

const options = { concurrency: 4, prefetch: 8, waitMs: 500, breaker: false } as const;
const splitter = consume(
  async ({ id, payload: { path, text } }) => {
    if (text.includes("\0")) throw deadLetter("not a text");
    const chunks = text.match(/(?:.*\n?){1,20}/g)?.filter((chunk) => chunk !== "") ?? [];
    stumble();
    // The ids follow from the task's own, so that a second attempt writes what the first has written: nothing twice.
    await parts.enqueueBatch(chunks.map((chunk, n) => ({ id: `${id}/${n}`, payload: { path, text: chunk } })));
    stumble();
  },
  { ...options, queue: texts },
);

const counter = consume(
  async ({ id, payload }) => {
    stumble();
    await counts.enqueue(wordsOf(payload.text), { id });
    stumble();
  },
  { ...options, queue: parts },
);

// One consumer, one task at a time: the sum needs no lock, and an ack that is sure needs no second look.
const total = new Map<string, number>();
const summer = consume(
  ({ payload }) => {
    for (const [word, n] of Object.entries(payload)) total.set(word, (total.get(word) ?? 0) + n);
  },
  { ...options, concurrency: 1, queue: counts },
);

let failures = 0;
for (const consumer of [splitter, counter]) consumer.on("failed", () => (failures += 1));

const expected = new Map<string, number>();
for await (const path of sources()) {
  const text = await readFile(path, "utf8");
  for (const [word, n] of Object.entries(wordsOf(text))) expected.set(word, (expected.get(word) ?? 0) + n);
  await texts.enqueue({ path, text });
}
await texts.enqueue({ path: "picture.png", text: "\0PNG" });

// From the first stage to the last: a stage that is empty stays empty once the one before it is.
for (const queue of [texts, parts, counts]) await drained(queue);
for (const consumer of [splitter, counter, summer]) await consumer.stop();

const top = [...total].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, 5);
console.log(`most frequent: ${top.map(([word, n]) => `${word} ${n}`).join(", ")}`);
console.log(`failed attempts: ${failures}, dead: ${(await texts.stats()).dead}`);
const isSame = expected.size === total.size && [...expected].every(([word, n]) => total.get(word) === n);
if (!isSame) throw new Error("the counts differ from those taken directly");
console.log("the counts are those taken directly");

/** One in twenty times the work breaks here. */
function stumble(): void {
  if (Math.random() < 0.05) throw new Error("stumbled");
}

function wordsOf(text: string): Counts {
  const found: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) found[word] = (found[word] ?? 0) + 1;
  return found;
}

async function* sources(): AsyncGenerator<string> {
  for (const entry of await readdir(SOURCE, { recursive: true }))
    if (entry.endsWith(".d.ts")) yield join(SOURCE, entry);
}

async function drained(queue: Pick<Queue, "stats">): Promise<void> {
  for (;;) {
    const { ready, delayed, claimed } = await queue.stats();
    if (ready + delayed + claimed === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
