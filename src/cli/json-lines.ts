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
export async function* linesOf(path: string): AsyncGenerator<Line, void> {
  const input: Readable = path === "-" ? process.stdin : createReadStream(path);
  const failed = new Promise<never>((_, reject) => {
    input.once("error", reject);
  });
  // Heard below; until then it must not count as unhandled.
  failed.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  let number = 0;
  let endsAt = 0;
  for (;;) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done === true) return;
    number += 1;
    endsAt += Buffer.byteLength(next.value) + 1;
    if (next.value.trim() !== "") yield { text: next.value, number, endsAt };
  }
}

/** @param ends lines after which a batch ends in any case */
export async function* inBatches(lines: AsyncIterable<Line>, ends: readonly number[]): AsyncGenerator<Line[], void> {
  let batch: Line[] = [];
  let bytes = 0;
  for await (const line of lines) {
    const length = Buffer.byteLength(line.text);
    const last = batch.at(-1)?.number ?? line.number;
    const isFull = batch.length >= BATCH_LINES || bytes + length > BATCH_BYTES;
    if (batch.length > 0 && (isFull || ends.some((end) => last <= end && end < line.number))) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += length;
  }
  if (batch.length > 0) yield batch;
}
