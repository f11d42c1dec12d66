// The same uploads to the Worker before and after the move. `npm run before` and `npm run after` run it.

const before = process.env["BEFORE_URL"] ?? "http://127.0.0.1:8791";
const after = process.env["AFTER_URL"] ?? "http://127.0.0.1:8792";

/** A folder of its own for each run of the example. */
const folder = `run-${Date.now()}`;
const UPLOADS = [
  { folder, name: "a.jpg", bytes: 10 },
  { folder, name: "empty.jpg", bytes: 0 },
  { folder, name: "c.jpg", bytes: 30 },
  { folder, name: "d.jpg", bytes: 40 },
];
const EXPECTED = [
  "broken/empty.jpg",
  "thumbnail/a.jpg/attempt-1",
  "thumbnail/c.jpg/attempt-1",
  "thumbnail/d.jpg/attempt-1",
];
/** Nothing more is to come when the store has as much as this, and nothing else has come for a while. */
const QUIET_MS = 3_000;
/** Past this something is stuck. */
const LIMIT_MS = 40_000;

const [onCloudflare, onEdgeq] = await Promise.all([storedBy(before), storedBy(after)]);
console.log(`on Cloudflare Queues: ${onCloudflare.join(" ")}`);
console.log(`on edgeq:             ${onEdgeq.join(" ")}`);
if (onCloudflare.join() !== EXPECTED.join() || onEdgeq.join() !== EXPECTED.join()) throw new Error("they differ");
console.log("the same");

/** Sends the uploads to the Worker, and answers with what it stored, in the order of the alphabet. */
async function storedBy(url: string): Promise<readonly string[]> {
  await fetch(url, { method: "POST", body: JSON.stringify(UPLOADS) });
  const startedAt = Date.now();
  let stored: readonly string[] = [];
  let changedAt = startedAt;
  while (stored.length < EXPECTED.length || Date.now() - changedAt < QUIET_MS) {
    if (Date.now() - startedAt > LIMIT_MS) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const keys = (await (await fetch(`${url}/${folder}/`)).json()) as readonly string[];
    if (keys.length !== stored.length) changedAt = Date.now();
    stored = keys;
  }
  return stored.map((key) => key.slice(folder.length + 1)).sort();
}
