// edgeq export and import over a real server: a queue becomes a file, and the file a queue, though the command be killed on the way.

import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { runCli, RunningCli, type CliResult } from "./run-cli.ts";

const server = serverForTests();
let dir: string;
let queues = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgeq-transfer-"));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

function newQueue(): Queue {
  queues += 1;
  return new Queue(`transfer-${queues}`, { url: server.url });
}

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { url: server.url });
const linesOf = async (path: string): Promise<string[]> => (await readFile(path, "utf8")).trimEnd().split("\n");

async function idsIn(queue: Queue): Promise<string[]> {
  return (await Array.fromAsync(queue.browseAll())).map(({ id }) => id).sort();
}

/** Of another lane, so that each is a row of its own. */
async function fill(queue: Queue, tasks: number): Promise<void> {
  for (let from = 0; from < tasks; from += 1_000) {
    await queue.enqueueBatch(
      Array.from({ length: Math.min(1_000, tasks - from) }, (_, index) => ({ payload: from + index, lane: "rows" })),
    );
  }
}

/** Kills a command as soon as the file says that it has come part of the way. */
async function killAt(args: readonly string[], note: string): Promise<void> {
  const running = new RunningCli(args, { url: server.url });
  await expect.poll(() => existsSync(note), { interval: 1, timeout: 30_000 }).toBe(true);
  running.signal("SIGKILL");
  await running.ended;
}

describe("export", () => {
  test("writes a head, a record for each row, and how many they are; import makes another queue of it", async () => {
    const queue = newQueue();
    await queue.configure({ maxAttempts: 7 });
    await fill(queue, 1_500);
    await queue.documents.put("at", { row: 1 });
    const path = join(dir, "whole.jsonl");
    const { status, stdout } = await cli("export", queue.name, path);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/ exported to .*whole\.jsonl: 1,5\d\d records\n$/)]);
    const lines = await linesOf(path);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ head: { format: 1, queue: queue.name } });
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ end: { records: lines.length - 2 } });
    expect(existsSync(`${path}.part`) || existsSync(`${path}.part.json`)).toBe(false);

    const copy = newQueue();
    expect((await cli("import", copy.name, path)).status).toBe(0);
    expect(await idsIn(copy)).toEqual(await idsIn(queue));
    expect((await copy.info()).settings.maxAttempts).toBe(7);
    expect((await copy.documents.get("at"))?.value).toEqual({ row: 1 });
  });

  test("imported under another name is that queue: its dead letters say so, and a redrive brings them back to it (P9)", async () => {
    const [queue, copy, letters] = [newQueue(), newQueue(), newQueue()];
    await queue.configure({ maxAttempts: 1, deadLetterQueue: letters.name });
    await queue.enqueue({ n: 1 });
    const path = join(dir, "renamed.jsonl");
    await cli("export", queue.name, path);
    await queue.purge();
    expect((await cli("import", copy.name, path)).status).toBe(0);
    expect((await copy.info()).name).toBe(copy.name);

    const [task] = await copy.claim();
    await copy.nack(task ?? "");
    await expect.poll(async () => (await letters.browse()).tasks[0]?.origin?.queue).toBe(copy.name);
    await letters.redrive();
    await expect.poll(async () => (await copy.stats()).ready).toBe(1);
    expect((await queue.stats()).ready).toBe(0);
  });

  test("that was killed goes on where it was, and no task is missing or there twice", async () => {
    const queue = newQueue();
    await fill(queue, 20_000);
    const path = join(dir, "killed.jsonl");
    await killAt(["export", queue.name, path], `${path}.part.json`);
    expect(existsSync(path)).toBe(false);
    const note = JSON.parse(await readFile(`${path}.part.json`, "utf8")) as { records: number };
    expect(note.records).toBeGreaterThan(0);
    await queue.enqueue("meanwhile", { lane: "rows" });
    expect((await cli("export", queue.name, path)).status).toBe(0);
    const copy = newQueue();
    expect((await cli("import", copy.name, path)).status).toBe(0);
    expect(await idsIn(copy)).toEqual(await idsIn(queue));
  });

  test("whose queue was purged meanwhile begins again, and says so", async () => {
    const queue = newQueue();
    await fill(queue, 5_000);
    const path = join(dir, "purged.jsonl");
    await killAt(["export", queue.name, path], `${path}.part.json`);
    await queue.purge();
    await queue.enqueue("after");
    const { status, stderr } = await cli("export", queue.name, path);
    expect([status, stderr]).toEqual([0, expect.stringContaining("it begins again")]);
    const copy = newQueue();
    await cli("import", copy.name, path);
    expect((await Array.fromAsync(copy.browseAll())).map(({ payload }) => payload)).toEqual(["after"]);
  });
});

describe("import", () => {
  test("refuses a file that is not a whole export before it sends any of it", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const path = join(dir, "cut.jsonl");
    await cli("export", queue.name, path);
    const lines = await linesOf(path);
    const target = newQueue();
    for (const [text, says] of [
      [lines.slice(0, -1).join("\n"), "it has no last line"],
      [[lines[0], ...lines.slice(2)].join("\n"), "and says that it holds"],
      ['{"payload": 1}\n', "its first line is not that of an export"],
      [`${lines[0] ?? ""}\nnot json`, "line 2 is no JSON"],
    ] as const) {
      await writeFile(path, text);
      const { status, stderr } = await cli("import", target.name, path);
      expect([status, stderr]).toEqual([2, expect.stringContaining(says)]);
    }
    expect((await cli("import", target.name, join(dir, "nowhere.jsonl"))).status).toBe(2);
    expect((await cli("stats", target.name)).status).toBe(5);
  });

  test("brings back a queue that was deleted since, and the list of queues has it again", async () => {
    const queue = newQueue();
    await queue.enqueue("kept");
    const path = join(dir, "deleted.jsonl");
    await cli("export", queue.name, path);
    await queue.delete();
    const isListed = async (): Promise<boolean> => (await cli("queues")).stdout.split(/\s+/).includes(queue.name);
    await expect.poll(isListed).toBe(false);
    expect((await cli("import", queue.name, path)).status).toBe(0);
    await expect.poll(isListed).toBe(true);
    expect((await Array.fromAsync(queue.browseAll())).map(({ payload }) => payload)).toEqual(["kept"]);
  });

  test("goes over a queue that holds tasks only with --replace", async () => {
    const queue = newQueue();
    await queue.enqueue("exported");
    const path = join(dir, "replaced.jsonl");
    await cli("export", queue.name, path);
    await queue.enqueue("since");
    const refused = await cli("import", queue.name, path);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("[queue-not-empty]")]);
    expect((await cli("import", queue.name, path, "--replace")).status).toBe(0);
    expect((await Array.fromAsync(queue.browseAll())).map(({ payload }) => payload)).toEqual(["exported"]);
  });
});

/** What is asked of the server, through a way on which the answers to some requests are lost after they have been given. */
async function over(
  isLost: (path: string, body: { readonly isLast?: boolean }, nth: number) => boolean,
  use: (url: string, asked: readonly string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const way = createServer((request, response) => {
    void (async () => {
      const body = (await Array.fromAsync(request as AsyncIterable<Buffer>)).join("");
      const path = (request.url ?? "").split("/").at(-1) ?? "";
      const nth = asked.push(path);
      const answer = await fetch(`${server.url}${request.url ?? ""}`, {
        method: request.method ?? "GET",
        headers: { "content-type": "application/json" },
        ...(body !== "" && { body }),
      });
      const text = await answer.text();
      if (isLost(path, JSON.parse(body || "{}") as { readonly isLast?: boolean }, nth)) request.socket.destroy();
      else response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
    })();
  });
  await once(way.listen(0, "127.0.0.1"), "listening");
  try {
    await use(`http://127.0.0.1:${(way.address() as AddressInfo).port}`, asked);
  } finally {
    way.closeAllConnections();
    await new Promise((closed) => way.close(closed));
  }
}

describe("answers that are lost", () => {
  test("are asked for again, and nothing is missing or there twice", async () => {
    const queue = newQueue();
    await fill(queue, 1_500);
    const path = join(dir, "lost.jsonl");
    const copy = newQueue();
    await over(
      (_path, { isLast }, nth) => nth === 3 || (nth > 5 && nth % 3 === 0 && isLast !== true),
      async (url, asked) => {
        expect((await runCli(["export", queue.name, path], { url })).status).toBe(0);
        expect(asked.filter((one) => one === "export").length).toBeGreaterThan(3);
        const before = asked.length;
        expect((await runCli(["import", copy.name, path], { url })).status).toBe(0);
        expect(asked.slice(before).filter((one) => one === "import").length).toBeGreaterThan(3);
      },
    );
    expect(await idsIn(copy)).toEqual(await idsIn(queue));
  });

  test("to the last part of an import are not: whether the queue has changed since is not known", async () => {
    const queue = newQueue();
    await fill(queue, 10);
    const path = join(dir, "last.jsonl");
    await cli("export", queue.name, path);
    const copy = newQueue();
    await over(
      (_path, { isLast }) => isLast === true,
      async (url, asked) => {
        const { status, stderr } = await runCli(["import", copy.name, path], { url });
        expect([status === 0, stderr.includes("No answer after 1 attempt")]).toEqual([false, true]);
        expect(asked).toEqual(["import", "import"]);
      },
    );
    expect(await idsIn(copy)).toEqual(await idsIn(queue));
  });
});
