// A file of JSON lines, read without holding it, in batches of tasks that one request may carry.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Bytes of the file up to and with this line. */
  readonly endsAt: number;
}

/** As the API takes them: 1,000 tasks, and well below its 16 MiB. */
const BATCH_LINES = 1_000;
const BATCH_BYTES = 8 * 1_048_576;

/** @param path of a file; `-`: stdin. Empty lines are passed over. */
export async function* lineBatches(path: string): AsyncGenerator<Line[], void> {
  const input: Readable = path === "-" ? process.stdin : createReadStream(path);
  const failed = new Promise<never>((_, reject) => {
    input.once("error", reject);
  });
  // Heard below; until then it must not count as unhandled.
  failed.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  let batch: Line[] = [];
  let batchBytes = 0;
  let number = 0;
  let endsAt = 0;
  for (;;) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done === true) break;
    const bytes = Buffer.byteLength(next.value) + 1;
    number += 1;
    endsAt += bytes;
    if (next.value.trim() === "") continue;
    if (batch.length > 0 && (batch.length >= BATCH_LINES || batchBytes + bytes > BATCH_BYTES)) {
      yield batch;
      batch = [];
      batchBytes = 0;
    }
    batch.push({ text: next.value, number, endsAt });
    batchBytes += bytes;
  }
  if (batch.length > 0) yield batch;
}
