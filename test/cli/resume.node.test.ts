// edgeq send --file, ended at any moment and run again: each line of the file is there once (P10).

import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { runCli, RunningCli, type CliResult } from "./run-cli.ts";

/** When the sender is killed: before its request arrives, before it hears the answer, or within the answer. */
type End = "before" | "after" | "within";

/** A line to the server on which a sender is killed, request by request. */
class DeadlyLine {
  /** What becomes of the next requests; beyond them all goes well. */
  ends: (End | null)[] = [];
  sender: RunningCli | null = null;
  #server: Server | null = null;
  #url = "";

  async listen(target: string): Promise<void> {
    const server = createServer((request, response) => void this.#pass(target, request, response));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return this.#url;
  }

  async run(...args: string[]): Promise<CliResult> {
    this.sender = new RunningCli(["send", ...args, "--json"], { url: this.#url });
    return this.sender.ended;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #pass(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const end = this.ends.shift() ?? null;
    if (end === "before") return this.#kill();
    const answer = await fetch(target + String(request.url), {
      method: String(request.method),
      headers: { "content-type": "application/json" },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const text = await answer.text();
    if (end === "after") return this.#kill();
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    if (end === null) return void response.end(text);
    response.write(text.slice(0, text.length / 2), () => this.#kill());
  }

  #kill(): void {
    this.sender?.signal("SIGKILL");
  }
}

const server = serverForTests();
let dir: string;
const line = new DeadlyLine();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgeq-resume-"));
  await line.listen(server.url);
});
afterAll(async () => {
  line.close();
  await rm(dir, { recursive: true, force: true });
});

const queueOf = (name: string): Queue => new Queue(name, { url: server.url });
const payloadsIn = async (name: string): Promise<unknown[]> =>
  (await Array.fromAsync(queueOf(name).browseAll())).map(({ payload }) => payload);

async function fileOf(name: string, lines: number): Promise<{ path: string; state: string; numbers: number[] }> {
  const path = join(dir, name);
  const numbers = Array.from({ length: lines }, (_, index) => index);
  await writeFile(path, `${numbers.join("\n")}\n`);
  return { path, state: `${path}.edgeq-send`, numbers };
}

test("a sender that is killed before, after and within each request sends every line once", async () => {
  const { path, state, numbers } = await fileOf("killed.jsonl", 3_300);
  const runs: (End | null)[][] = [
    ["before"],
    ["after"],
    ["within"],
    [null, "before"],
    ["after"],
    [null, "within"],
    ["before"],
    [null, null, "after"],
    [null],
  ];
  const results: CliResult[] = [];
  for (const ends of runs) {
    line.ends = ends;
    results.push(await line.run("killed", "--file", path));
    expect(existsSync(state)).toBe(results.length < runs.length);
  }
  expect(results.map(({ status }) => status)).toEqual([...Array.from({ length: runs.length - 1 }, () => null), 0]);
  expect(JSON.parse(results.at(-1)?.stdout ?? "")).toEqual({ sent: 3_300, duplicates: 0 });
  expect(await payloadsIn("killed")).toEqual(numbers);
});

test("lines that were bad are sent from where it stopped, and lines may be added behind", async () => {
  const { path } = await fileOf("bad.jsonl", 1_000);
  const good = await readFile(path, "utf8");
  await writeFile(path, `${good}{bad\n`);
  expect(await line.run("bad", "--file", path)).toMatchObject({ status: 2 });
  await writeFile(path, `${good}"mended"\n"more"\n`);
  expect(JSON.parse((await line.run("bad", "--file", path)).stdout)).toEqual({ sent: 1_002, duplicates: 0 });
  expect((await payloadsIn("bad")).slice(999)).toEqual([999, "mended", "more"]);
});

test("a state of another queue, server, file or of other options is refused, and nothing is sent", async () => {
  const { path, state } = await fileOf("other.jsonl", 2_000);
  line.ends = [null, "before"];
  await line.run("other", "--file", path);
  const kept = await readFile(state, "utf8");
  const another = await fileOf("another.jsonl", 1_999);
  const refusals = [
    await line.run("elsewhere", "--file", path),
    await runCli(["send", "other", "--file", path], { url: server.url }),
    await line.run("other", "--file", path, "--delay", "1h"),
    await line.run("other", "--file", another.path, "--state", state),
  ];
  for (const { status, stderr } of refusals) {
    expect(status).toBe(2);
    expect(stderr).toContain(`${state} is of`);
    expect(stderr.trim().split("\n").at(-1)).toContain("delete");
  }
  expect(await readFile(state, "utf8")).toBe(kept);
  expect(await payloadsIn("other")).toHaveLength(1_000);
  await expect(payloadsIn("elsewhere")).rejects.toMatchObject({ code: "queue-not-found" });
});

test("a file that is no state is neither read as one nor written over", async () => {
  const { path } = await fileOf("precious.jsonl", 3);
  const before = await readFile(path, "utf8");
  expect(await line.run("precious", "--file", path, "--state", path)).toMatchObject({ status: 2 });
  expect(await readFile(path, "utf8")).toBe(before);
  expect(await line.run("precious", "--file", path, "--state", join(dir, "nowhere/state"))).toMatchObject({
    status: 2,
  });
  await expect(payloadsIn("precious")).rejects.toMatchObject({ code: "queue-not-found" });
});

test("once the queue has forgotten the sender, what may be there is not sent again but named", async () => {
  const { path } = await fileOf("forgotten.jsonl", 2_500);
  await queueOf("forgotten").configure({ dedupeMs: 1 });
  line.ends = [null, "after"];
  await line.run("forgotten", "--file", path);
  const { status, stderr } = await line.run("forgotten", "--file", path);
  expect(status).toBe(1);
  expect(stderr).toContain("see whether lines 1001 to 2000 are there, then --skip 1000 or --skip 2000");
  expect(await payloadsIn("forgotten")).toHaveLength(2_000);
  expect(JSON.parse((await line.run("forgotten", "--file", path, "--skip", "2000")).stdout)).toMatchObject({
    sent: 500,
  });
  expect(await payloadsIn("forgotten")).toHaveLength(2_500);
});
