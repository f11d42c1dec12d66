// A file of JSON lines, read without holding it, in batches that one request may carry.

import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { messageOf } from "../client/edgeq-error.ts";
import { UsageError } from "./exit-status.ts";
import { textOf } from "./utf8.ts";

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Bytes of the file up to and with this line. */
  readonly endsAt: number;
}

const NEWLINE = 0x0a;

/** As the API takes tasks and records: 1,000, and well below its 16 MiB. */
const BATCH_LINES = 1_000;
const BATCH_BYTES = 8 * 1_048_576;

/**
 * Lines end with a newline alone, since JSON may hold everything else that ends a line elsewhere. Empty lines are passed over.
 *
 * @param path of a file; `-`: stdin
 * @throws {UsageError} when it cannot be read
 */
export async function* linesOf(path: string): AsyncGenerator<Line, void> {
  const input: Readable = path === "-" ? process.stdin : createReadStream(path);
  let number = 0;
  let endsAt = 0;
  /** Of a line that goes on in the next chunk. */
  let begun: Buffer[] = [];
  const lineOf = (rest: Buffer): Line => {
    const bytes = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
    begun = [];
    number += 1;
    endsAt += bytes.length + 1;
    return { text: textOf(bytes, `line ${number}`).replace(/\r$/, ""), number, endsAt };
  };
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        const line = lineOf(chunk.subarray(from, end));
        from = end + 1;
        if (line.text.trim() !== "") yield line;
      }
      if (from < chunk.length) begun.push(chunk.subarray(from));
    }
    if (begun.length > 0) {
      const line = lineOf(Buffer.alloc(0));
      if (line.text.trim() !== "") yield line;
    }
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** @param ends lines after which a batch ends in any case */
export async function* inBatches(
  lines: AsyncIterable<Line>,
  ends: readonly number[] = [],
): AsyncGenerator<Line[], void> {
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
