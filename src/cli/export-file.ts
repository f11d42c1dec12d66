// The file that an export is written to: its records as JSON lines. Until it is whole it stands beside its name, with a note of
// how far it has come, so that an export that was cut off goes on.

import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import type { WireExportHead, WireTransferRecord } from "../client/index.ts";
import { UsageError } from "./exit-status.ts";

/** How far an export has come that was cut off. */
export interface Reached {
  readonly queue: string;
  readonly cursor: string;
  readonly records: number;
  readonly bytes: number;
}

export class ExportFile {
  readonly #path: string;
  #reached = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get #part(): string {
    return `${this.#path}.part`;
  }

  get #note(): string {
    return `${this.#path}.part.json`;
  }

  /** null: there is none of this queue to go on with. */
  async reached(queue: string): Promise<Reached | null> {
    const note = await readFile(this.#note, "utf8").catch(() => null);
    if (note === null) return null;
    try {
      const reached = JSON.parse(note) as Reached;
      return reached.queue === queue ? reached : null;
    } catch {
      return null;
    }
  }

  /** Goes on where a note says, or begins. What was written after the note is written again. */
  async begin(head: WireExportHead, reached: Reached | null): Promise<void> {
    if (reached === null) {
      const line = `${JSON.stringify({ head })}\n`;
      await writeFile(this.#part, line);
      this.#reached = Buffer.byteLength(line);
    } else {
      await truncate(this.#part, reached.bytes);
      this.#reached = reached.bytes;
    }
  }

  /** A page's records are on the disk before its note is, which is before the next page is asked for. */
  async add(records: readonly WireTransferRecord[], note: Omit<Reached, "bytes">): Promise<void> {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    const file = await open(this.#part, "a");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#reached += Buffer.byteLength(text);
    await writeFile(`${this.#note}.new`, JSON.stringify({ ...note, bytes: this.#reached }));
    await rename(`${this.#note}.new`, this.#note);
  }

  async end(records: number): Promise<void> {
    const file = await open(this.#part, "a");
    try {
      await file.writeFile(`${JSON.stringify({ end: { records } })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(this.#part, this.#path);
    await rm(this.#note, { force: true });
  }
}

/** What an export's file says in its first line, and how many records it holds. Reads all of it. */
export async function examined(path: string): Promise<{ readonly head: WireExportHead; readonly records: number }> {
  let head: WireExportHead | null = null;
  let records = 0;
  let end: number | null = null;
  for await (const line of linesOf(path)) {
    if (end !== null) throw new UsageError(`${path}: it goes on after its last line`);
    const value = parsed(line, path, records + 2) as { head?: WireExportHead; end?: { records: number } };
    if (head === null) {
      if (value.head === undefined) throw new UsageError(`${path}: its first line is not that of an export`);
      ({ head } = value);
    } else if (value.end === undefined) records += 1;
    else end = value.end.records;
  }
  if (head === null || end === null) throw new UsageError(`${path}: it has no last line; was its export cut off?`);
  if (end !== records) throw new UsageError(`${path}: it holds ${records} records, and says that it holds ${end}`);
  return { head, records };
}

/** As the API takes them: 1,000 records, and well below its 16 MiB. */
const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 8 * 1_048_576;

/** Its records from one on, in batches that one request may carry. */
export async function* recordBatches(path: string, from: number): AsyncGenerator<WireTransferRecord[], void> {
  let batch: WireTransferRecord[] = [];
  let bytes = 0;
  let number = -1;
  for await (const line of linesOf(path)) {
    number += 1;
    if (number <= from || line.startsWith('{"end"')) continue;
    if (batch.length >= BATCH_RECORDS || (batch.length > 0 && bytes + Buffer.byteLength(line) > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(parsed(line, path, number + 1) as WireTransferRecord);
    bytes += Buffer.byteLength(line);
  }
  yield batch;
}

async function* linesOf(path: string): AsyncGenerator<string, void> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, "utf8")) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield line;
    }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (rest.trim() !== "") yield rest;
}

function parsed(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UsageError(`${path}: line ${number} is no JSON`);
  }
}
