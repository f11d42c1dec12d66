// Upgrades: a database that any earlier version has written opens with today's code, shows what it showed then, and everything
// that its tasks, consumers, senders and receivers still have to come goes on. The databases are made by `npm run databases`.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Document } from "../../src/core/document.ts";
import type { KeyReport } from "../../src/core/key-report.ts";
import type { InputOf, Stats } from "../../src/core/operation.ts";
import type { BrowsedTask } from "../../src/core/task.ts";
import type { Message } from "../../src/queue/queue.ts";
import { newestSchema } from "../../src/store/migrations.ts";
import { storedTables } from "../../src/store/stored-tables.ts";
import type { MemorySql } from "../../src/testing/memory-sql.ts";
import {
  browseAll,
  claim,
  configure,
  counts,
  enqueue,
  expectKind,
  payloads,
  ref,
  stats,
  task,
} from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";
import type { Remains } from "./earlier-life.ts";
import { dumped, withBytes } from "./stored-database.ts";

interface Stored {
  readonly schema: number;
  readonly now: number;
  readonly database: readonly string[];
  /** In the words of its version, which later ones have only added to. */
  readonly shown: {
    readonly tasks: readonly BrowsedTask[];
    readonly queue: {
      readonly queue: { readonly createdAt: number; readonly settings: object; readonly stats: object };
    };
    readonly documents: readonly Document[];
    readonly keys: readonly (KeyReport & { readonly turnsAhead?: number })[];
  };
  readonly remains: Remains;
}

const FOLDER = new URL("databases/", import.meta.url);
const STORED = readdirSync(FOLDER)
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Stored)
  .sort((one, other) => one.schema - other.schema);

async function opened({ database, now }: Stored): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  queue.deliver = unreachable;
  for (const statement of database) queue.sql.run(statement);
  queue.advance(now - queue.now());
  await queue.restart();
  return queue;
}

/** What is to be sent stays where it is. */
const unreachable = (): Promise<never> => Promise.reject(new Error("cannot be reached"));

const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);

/** As the databases' files have it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, withBytes));

async function acked(queue: MemoryQueue, tokens: readonly string[]): Promise<boolean[]> {
  const outcome = await queue.operate("ack", { claims: tokens.map(ref) });
  return expectKind(outcome, "acked").results.map(({ ok }) => ok);
}

/** Claims and acks whatever is ready, in all lanes. */
async function drained(queue: MemoryQueue): Promise<unknown[]> {
  const lanes = { any: Object.keys((await stats(queue)).lanes) };
  const done: unknown[] = [];
  for (let tasks = await claim(queue, { max: 10, lanes }); tasks.length > 0;) {
    done.push(...payloads(tasks.filter(({ contentType }) => contentType === null)));
    done.push(...tasks.filter(({ contentType }) => contentType !== null).map(({ contentType }) => contentType));
    await acked(
      queue,
      tasks.map((one) => one.claim),
    );
    tasks = await claim(queue, { max: 10, lanes });
  }
  return done.toSorted();
}

test("there is a database of every schema but today's", () => {
  const schemas = STORED.map(({ schema }) => schema);
  for (let schema = 1; schema < newestSchema(); schema += 1) {
    expect(schemas, `add the last commit of schema ${schema} to test/upgrade/make-databases.ts`).toContain(schema);
  }
});

test("a queue does not open a database of a later version, and leaves it as it is", () => {
  const queue = new MemoryQueue();
  for (const statement of STORED.at(-1)?.database ?? []) queue.sql.run(statement);
  queue.sql.run(`INSERT INTO schema_version (version, applied_at) VALUES (${newestSchema() + 1}, 5)`);
  const before = dumped(queue.sql);
  expect(() => void queue.restart()).toThrow("made by a later version");
  expect(dumped(queue.sql)).toEqual(before);
});

describe.each(STORED.map((stored) => [stored.schema, stored] as const))(
  "a database of schema %i",
  (_schema, stored) => {
    test("becomes one like a new database: the same tables, columns and indexes", async () => {
      const fresh = new MemoryQueue();
      await enqueue(fresh, task("first"));
      const { sql } = await opened(stored);
      expect(withoutOrder(sql)).toEqual(withoutOrder(fresh.sql));
      expect(sql.all("SELECT version FROM schema_version ORDER BY version").map(({ version }) => version)).toEqual(
        Array.from({ length: newestSchema() }, (_, index) => index + 1),
      );
    });

    test("shows every task, setting, count, document and key as it was", async () => {
      const queue = await opened(stored);
      for (const restart of [false, true]) {
        if (restart) await queue.restart();
        expect(plain((await browseAll(queue)).toSorted(byId))).toMatchObject(stored.shown.tasks);
        const { queue: view } = expectKind(await queue.operate("getQueue", null), "queue");
        const was = stored.shown.queue.queue;
        expect(view.settings).toMatchObject(was.settings);
        expect(view.createdAt).toBe(was.createdAt);
        // The database has grown by the tables that it did not have.
        expect(view.stats).toMatchObject({ ...was.stats, bytes: expect.any(Number) });
        const documents = await queue.operate("listDocuments", { prefix: "", limit: 100, after: "" });
        expect(expectKind(documents, "documents").documents).toEqual(stored.shown.documents);
        const keys = expectKind(await queue.operate("listKeys", { limit: 100, after: "" }), "keys").keys;
        // Versions up to schema 10 also reported `turnsAhead`.
        expect(keys).toMatchObject(stored.shown.keys.map(({ turnsAhead: _formerly, ...key }) => key));
      }
    });

    test("lets those settle who hold a claim, once, and nobody else", async () => {
      const queue = await opened(stored);
      const { held, expired, settled } = stored.remains;
      const extended = await queue.operate("extend", { claims: held.map(ref), claimTimeoutMs: 60_000 });
      expect(expectKind(extended, "extended").results.map(({ ok }) => ok)).toEqual(held.map(() => true));
      expect(await acked(queue, [...expired, ...settled])).toEqual([...expired, ...settled].map(() => false));
      expect(await acked(queue, held)).toEqual(held.map(() => true));
      expect(await acked(queue, held)).toEqual(held.map(() => false));
      expect((await counts(queue))[2]).toBe(0);
    });

    test("ends claims at their deadlines, and counts the attempt", async () => {
      const queue = await opened(stored);
      await queue.sweep();
      const lanes = { inOrder: ["lapses"] };
      queue.advance(60_000);
      expect(await claim(queue, { lanes })).toMatchObject([{ payload: `"lapses"`, attempts: 2 }]);
      const deadline = Math.max(...stored.shown.tasks.map(({ claimedUntil }) => claimedUntil ?? 0));
      queue.advance(deadline - 1 - queue.now());
      expect(await claim(queue, { lanes: { inOrder: ["held"] } })).toEqual([]);
      queue.advance(60_001);
      expect(await claim(queue, { lanes: { inOrder: ["held"] } })).toMatchObject([{ payload: `"held"`, attempts: 2 }]);
    });

    test("remembers the ids and the calls that it had taken, and the messages", async () => {
      const queue = await opened(stored);
      const before = await counts(queue);
      expect(await enqueue(queue, task("again", { id: "order-1" }), task("again", { id: "order-2" }))).toMatchObject([
        { id: "order-1", duplicate: true },
        { id: "order-2", duplicate: true },
      ]);
      const { call, messages } = stored.remains;
      const again = call === null ? null : await queue.operate("enqueue", call.input as InputOf<"enqueue">);
      expect(plain(again)).toEqual(call?.answer ?? null);
      expect(await queue.queue.receive("billing", messages)).toEqual({ kind: "received", upTo: messages.at(-1)?.seq });
      expect(await counts(queue)).toEqual(before);
      queue.advance(7_200_000);
      expect(await enqueue(queue, task("anew", { id: "order-1" }))).toMatchObject([{ duplicate: false }]);
    });

    test("sends what it owed to other queues, once, and they take it", async () => {
      const queue = await opened(stored);
      const owed = (stored.shown.queue.queue.stats as Stats).outbox;
      const sent: (readonly [string, Message])[] = [];
      queue.deliver = (receiver, messages) => {
        sent.push(...messages.map((message) => [receiver, message] as const));
        return Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
      };
      queue.advance(600_000);
      await queue.sweep();
      await expect.poll(async () => (await stats(queue)).outbox).toBe(0);
      expect(sent).toHaveLength(owed);
      expect((await newMessage(queue)).seq).toBeGreaterThan(Math.max(...sent.map(([, { seq }]) => seq)));

      const dead = new MemoryQueue("orders-dead");
      const letters = sent.filter(([receiver]) => receiver === "orders-dead").map(([, message]) => message);
      for (const again of [1, 2]) {
        expect(await dead.queue.receive("orders", letters), `delivery ${again}`).toMatchObject({ kind: "received" });
      }
      expect(await browseAll(dead)).toMatchObject([
        {
          payload: `"leaves"`,
          headers: { trace: "8" },
          origin: { queue: "orders", lane: "dies", attempts: 1, error: "never ever" },
        },
      ]);
    });

    test("offers all that it held until it is done, and holds nothing then", async () => {
      const queue = await opened(stored);
      const { tasks } = stored.shown;
      queue.advance(2 * 21_600_000);
      await queue.sweep();
      const lives = await drained(queue);
      await queue.operate("redrive", { limit: 100 });
      for (const { key, blockedBy } of stored.shown.keys) {
        if (blockedBy.length > 0) await queue.operate("unblockKey", { key });
      }
      const done = [...lives, ...(await drained(queue))];
      queue.advance(600_000);
      done.push(...(await drained(queue)));
      expect(done.toSorted()).toEqual(
        tasks.map(({ payload, contentType }) => contentType ?? (JSON.parse(String(payload)) as unknown)).toSorted(),
      );
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
      queue.advance(14 * 86_400_000);
      await queue.sweep();
      expect(queue.sql.all("SELECT seq FROM tasks")).toEqual([]);
    });

    test("gives out no number, id or token that it gave out before", async () => {
      const queue = await opened(stored);
      const ids = new Set(stored.shown.tasks.map(({ id }) => id));
      const [first] = await enqueue(queue, task("new"));
      expect(ids).not.toContain(first?.id);
      const made = [...ids].filter((id) => id.includes("-0"));
      expect(made.filter((id) => id.slice(6) >= String(first?.id).slice(6))).toEqual([]);
    });
  },
);

/** Its schema as sets: columns that came later stand at the end of their tables, and an import numbers the indexes. */
function withoutOrder(sql: MemorySql): unknown {
  const indexes = sql
    .all(`SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`)
    .map((row) => (row["sql"] as string).replace(/_\d+ ON/, " ON").replaceAll('"', ""));
  return {
    indexes,
    tables: storedTables(sql).map(({ name, key, columns }) => ({
      name,
      key,
      columns: columns.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    })),
  };
}

/** The first message that is written from now on. */
async function newMessage(queue: MemoryQueue): Promise<Message> {
  const sent: Message[] = [];
  queue.deliver = (_receiver, messages) => {
    sent.push(...messages);
    return Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
  };
  await configure(queue, { deadLetterQueue: "later-dead" });
  await enqueue(queue, task("late", { lane: "late", maxAttempts: 1 }));
  const [late] = await claim(queue, { lanes: { inOrder: ["late"] } });
  await queue.operate("nack", { claims: [{ claim: ref(late?.claim ?? ""), dead: true }] });
  await expect.poll(() => sent.length).toBe(1);
  return sent[0] as Message;
}
