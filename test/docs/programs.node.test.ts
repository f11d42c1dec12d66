// The programs of the guides, each run as it is shown, by the packed package against a real server. What a program leaves to its reader
// (`declare function ship`) is in given.ts; a program that defines something only is followed by a line that uses it.

import { spawn } from "node:child_process";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { Queue } from "../../src/client/index.ts";
import { exitOf } from "../../src/serve/child-exit.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { layOut, packed, type Packed } from "../package/packed.ts";
import { blocksOf } from "./walk-page.ts";

/** The addresses in the pages; the server has another. */
const SHOWN_URLS = /https:\/\/queue\.example\.com|http:\/\/127\.0\.0\.1:8787/g;
/** Past this something does not happen. */
const HAPPENS_WITHIN_MS = 20_000;

interface Program {
  /** What is there before it runs. */
  readonly given?: () => Promise<unknown>;
  /** Lines after it. */
  readonly after?: string;
  /** Fulfilled when it has done what it is shown for; asked again until then. `said`: what it has printed. */
  readonly does: (said: string) => Promise<void> | void;
  /** It goes on until it is told to end: with the status that it then has, or by the signal where nothing is said of one. */
  readonly endsBy?: 0 | "SIGTERM";
}

const server = serverForTests();
let pack: Packed;

beforeAll(async () => {
  pack = await packed();
  const modules = await layOut(pack.tarball, pack.dir);
  // For the adapter that docs/trace.md shows.
  await symlink(join(PROJECT_DIR, "node_modules/@opentelemetry"), join(modules, "@opentelemetry"));
  await writeFile(join(pack.dir, "given.ts"), await readFile(new URL("given.ts", import.meta.url), "utf8"));
});
afterAll(() => pack.remove());

afterEach(async () => {
  const { queues } = (await (await fetch(`${server.url}/v1/queues`)).json()) as { queues: { name: string }[] };
  for (const { name } of queues) await queueOf(name).delete();
});

function queueOf<Payload = unknown>(name: string): Queue<Payload> {
  return new Queue(name, { url: server.url });
}

async function holds(name: string, counts: object): Promise<void> {
  expect(await queueOf(name).stats()).toMatchObject({ ready: 0, delayed: 0, claimed: 0, dead: 0, ...counts });
}

const enqueue = (name: string, ...payloads: unknown[]) => {
  return () => queueOf(name).enqueueBatch(payloads.map((payload) => ({ payload })));
};

const PROGRAMS: Readonly<Record<string, readonly Program[]>> = {
  "README.md": [{ does: (said) => expect(said).toBe("pen\n"), endsBy: 0 }],
  "docs/client.md": [
    { does: (said) => expect(said).toMatch(/^\S+ pen 1\n$/) },
    { does: () => holds("mail", { ready: 3, delayed: 1 }) },
    { does: () => holds("meetings", { ready: 1 }) },
    { does: (said) => expect(said).toBe("0\n") },
    { after: "await clicks.enqueue({ page: 1 });", does: () => holds("clicks", { ready: 1 }) },
    { does: () => holds("events", { ready: 100 }) },
    {
      does: async () => {
        await holds("clicks", { ready: 1 });
        await holds("orders", { ready: 1 });
      },
    },
    {
      given: () =>
        queueOf("jobs").enqueueBatch([{ payload: 1 }, { payload: 2, lane: "urgent" }, { payload: 3, lane: "low" }]),
      does: () => holds("jobs", { ready: 1, delayed: 2 }),
    },
    {
      given: async () => {
        await queueOf("amounts").documents.put("sum", 1);
        await queueOf("amounts").enqueue(41);
      },
      does: async () => {
        expect(await queueOf("amounts").documents.get("sum")).toMatchObject({ value: 42 });
        await holds("amounts", {});
        await holds("receipts", { ready: 1 });
      },
    },
    { does: () => holds("jobs", { ready: 1 }) },
  ],
  "docs/consumer.md": [
    {
      given: enqueue("orders", { item: "pen" }, { item: "closed" }, { item: "unknown" }),
      does: () => holds("orders", { delayed: 1, dead: 1 }),
      endsBy: 0,
    },
    { given: enqueue("rows", { n: 1 }, { n: -1 }), does: () => holds("rows", { delayed: 1 }), endsBy: "SIGTERM" },
    {
      given: enqueue("orders", 1),
      after: `import { consume, Queue } from "edgeq";
        logged(consume(() => {}, { queue: new Queue("orders", { url: "https://queue.example.com" }), stopOn: ["SIGTERM"] }), console.log);`,
      does: (said) => expect(said).toMatch(/^done \S+ in \d+ ms, attempt 1\n/),
      endsBy: 0,
    },
  ],
  "docs/keys.md": [
    {
      given: () =>
        queueOf("calls").enqueueBatch([
          { payload: { host: "busy" }, key: "busy" },
          { payload: { host: "free" }, key: "free" },
        ]),
      does: async () => {
        expect(await queueOf("calls").keys.get("busy")).toMatchObject({ limited: { by: "limitKey" } });
        expect(await queueOf("calls").keys.get("free")).toMatchObject({ ready: 0, claimed: 0 });
      },
      endsBy: "SIGTERM",
    },
    {
      given: async () => {
        await queueOf("invoices").configure({ keys: { concurrency: 2, fairness: "robin" } });
        await queueOf("invoices").enqueue(1, { key: "tenant-2" });
      },
      does: (said) => expect(said).toBe("tenant-2 paused 1\n"),
    },
  ],
  "docs/monitor.md": [
    { given: enqueue("orders", 1), does: (said) => expect(said).toMatch(/^handled in \d+ ms\n/), endsBy: "SIGTERM" },
  ],
  "docs/trace.md": [
    {
      after: `import { TracedQueue } from "edgeq/client";
        await new TracedQueue("orders", { url: "https://queue.example.com", tracing }).enqueue(1);`,
      does: () => holds("orders", { ready: 1 }),
    },
    {
      does: async (said) => {
        expect(said).toContain('shipped {"item":"pen"}');
        expect(said).toMatch(/span send orders[\s\S]*span process orders/);
        await holds("orders", {});
      },
      endsBy: "SIGTERM",
    },
  ],
  "docs/migrate-from-bullmq.md": [
    { does: () => holds("mail", { delayed: 1 }) },
    { given: enqueue("mail", { to: "you" }, {}), does: () => holds("mail", { dead: 1 }), endsBy: 0 },
    { does: () => holds("ticks", { delayed: 1 }), endsBy: 0 },
    {
      given: enqueue("videos", "a.mp4"),
      does: async (said) => {
        expect(said).toBe("encoded a.mp4\n");
        await holds("videos", {});
      },
      endsBy: 0,
    },
  ],
  "docs/migrate-from-postgres.md": [
    {
      after: "await place(7);",
      does: (said) => expect(said).toMatch(/^BEGIN \nINSERT[\s\S]*order-7\/ship[\s\S]*COMMIT/),
    },
    { after: "await relay();", does: () => holds("shipping", { ready: 2 }) },
    {
      given: enqueue("shipping", { order: 7 }),
      does: async (said) => {
        expect(said).toMatch(/INSERT INTO handled[\s\S]*UPDATE orders.*\[7\]/);
        await holds("shipping", {});
      },
      endsBy: 0,
    },
    { does: () => holds("reports", { delayed: 1 }), endsBy: 0 },
  ],
  "docs/migrate-from-sqs.md": [
    { does: () => holds("orders", { delayed: 1 }) },
    { given: enqueue("orders", { item: "pen" }), does: () => holds("orders", {}), endsBy: 0 },
    {
      given: enqueue("orders", { item: "pen" }, { item: "none" }),
      does: () => holds("orders", { delayed: 1 }),
      endsBy: "SIGTERM",
    },
    {
      does: async () => expect(await queueOf("orders").settings()).toMatchObject({ deadLetterQueue: "orders-dead" }),
    },
    { does: () => holds("orders", { ready: 1 }) },
  ],
};

describe.each(Object.entries(PROGRAMS))("%s", (page, programs) => {
  it.each(programs.map((program, index) => [index + 1, program] as const))(
    "program %d does what it is shown for",
    async (number, program) => {
      const shown = blocksOf(await readFile(join(PROJECT_DIR, page), "utf8"));
      // `run` is a test by itself, `before` a program for another queue.
      const bodies = shown.flatMap(({ kind, rest, body }) => (kind === "ts" && rest === "" ? [body] : []));
      expect(bodies).toHaveLength(programs.length);
      const text = `${bodies[number - 1]}\n${program.after ?? ""}`.replaceAll(SHOWN_URLS, server.url);
      const file = `${page.replaceAll(/\W/g, "-")}-${number}.ts`;
      await writeFile(join(pack.dir, file), text);
      await program.given?.();
      const end = program.endsBy === "SIGTERM" ? { signal: "SIGTERM" } : { code: 0 };
      expect(await ran(file, program)).toMatchObject(end);
    },
  );
});

/** How it ended, after it has done what it is shown for. */
async function ran(file: string, { does, endsBy }: Program): Promise<object> {
  const child = spawn(process.execPath, ["--import", "./given.ts", file], { cwd: pack.dir });
  const exited = exitOf(child);
  let said = "";
  let complaints = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  try {
    if (endsBy === undefined) await exited;
    await vi.waitFor(() => does(said), { timeout: HAPPENS_WITHIN_MS, interval: 50 });
  } catch (error) {
    throw new Error(`it said ${JSON.stringify(said)}, and complained ${complaints}`, { cause: error });
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
  return { ...(await exited), complaints };
}
