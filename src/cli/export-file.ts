// The file that an export is written to: its records as JSON lines. Until it is whole it stands beside its name, with a note of
// how far it has come, so that an export that was cut off goes on.

import { open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import type { WireExportHead, WireTransferRecord } from "../client/index.ts";
import { UsageError } from "./exit-status.ts";
import { inBatches, linesOf, type Line } from "./json-lines.ts";

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
    const value = parsed(line, path) as { head?: WireExportHead; end?: { records: number } };
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

/** Its records from one on, in batches that one request may carry; one batch without any if there are none. */
export async function* recordBatches(path: string, from: number): AsyncGenerator<WireTransferRecord[], void> {
  let isNone = true;
  for await (const batch of inBatches(recordLines(path, from))) {
    isNone = false;
    yield batch.map((line) => parsed(line, path) as WireTransferRecord);
  }
  if (isNone) yield [];
}

async function* recordLines(path: string, from: number): AsyncGenerator<Line, void> {
  // The first line is the head.
  let record = -1;
  for await (const line of linesOf(path)) {
    record += 1;
    if (record > from && !line.text.startsWith('{"end"')) yield line;
  }
}

function parsed({ text, number }: Line, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${path}: line ${number} is no JSON`);
  }
}
