// Tasks enqueued here are done by a consumer in Python and one in curl.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Queue } from "edgeq/client";

const run = promisify(execFile);

const url = process.env["EDGEQ_URL"] ?? "http://127.0.0.1:8787";
const queue = new Queue<{ n: number }>("jobs", { url });
await queue.enqueueBatch([...Array.from({ length: 40 }, (_, n) => ({ payload: { n } })), { payload: { n: -1 } }]);

const env = { ...process.env, EDGEQ_URL: url, EDGEQ_QUEUE: "jobs" };
const results = await Promise.all([
  run("python3", [join(import.meta.dirname, "consumer.py")], { env }),
  run("sh", [join(import.meta.dirname, "consumer.sh")], { env }),
]);

const lines = results.flatMap(({ stdout }) => stdout.trim().split("\n")).filter((line) => line !== "");
const squares = lines.map((line) => Number(line.split(" ")[1])).sort((a, b) => a - b);
const { ready, claimed, dead } = await queue.stats();
for (const who of ["python", "curl"]) {
  console.log(`${who}: ${lines.filter((line) => line.startsWith(who)).length} tasks`);
}
console.log(`left: ${ready + claimed}, dead: ${dead}`);
const isRight = squares.length === 40 && squares.every((square, n) => square === n * n) && dead === 1;
if (!isRight) throw new Error(`unexpected: ${squares.join(" ")}`);
