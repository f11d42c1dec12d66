// The delivery loop by itself (P9): whom it serves, when it tries again, what it makes of each answer.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { Courier, type Sender } from "../../src/queue/mail/courier.ts";
import type { Message, ReceiveOutcome } from "../../src/queue/mail/message.ts";
import type { OutboxRow } from "../../src/store/outbox-statements.ts";

/** An outbox in an array, and receivers that the test answers for. */
class Desk implements Sender {
  rows: OutboxRow[] = [];
  time = 1_000_000;
  /** Nothing can be written any more. */
  isFull = false;
  reports = 0;
  /** Bytes of messages that are held, the most that were, and from when on no further call has room. */
  held = 0;
  most = 0;
  room = Number.POSITIVE_INFINITY;
  readonly calls: {
    readonly receiver: string;
    readonly messages: readonly Message[];
    readonly answer: (outcome: ReceiveOutcome) => Promise<void>;
    readonly fail: (error: Error) => Promise<void>;
  }[] = [];
  readonly timers = new Set<{ readonly ms: number; readonly action: () => void }>();

  add(receiver: string, ...seqs: number[]): void {
    for (const seq of seqs) {
      this.rows.push({
        receiver,
        seq,
        kind: "insert",
        createdAt: 0,
        attempts: 0,
        parked: 0,
        error: null,
        body: "{}",
        payload: "1",
      });
    }
  }

  pendingFor(receiver: string): OutboxRow[] {
    return this.rows.filter((row) => row.receiver === receiver && row.parked === 0);
  }

  taken(receiver: string, upTo: number): void {
    this.rows = this.rows.filter((row) => row.receiver !== receiver || row.seq > upTo || row.parked === 1);
  }

  refused(receiver: string, seq: number, error: string): void {
    this.#change(receiver, seq, (row) => ({ error, attempts: row.attempts + 1 }));
  }

  failed(receiver: string, seq: number, error: string): void {
    if (this.isFull) throw new Error("database or disk is full");
    this.#change(receiver, seq, () => ({ error }));
  }

  park(receiver: string, seq: number): void {
    this.#change(receiver, seq, () => ({ parked: 1 }));
  }

  deliver(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    return new Promise((resolve, reject) => {
      this.calls.push({
        receiver,
        messages,
        answer: (outcome) => settled(() => resolve(outcome)),
        fail: (error) => settled(() => reject(error)),
      });
    });
  }

  later(ms: number, action: () => void): () => void {
    const timer = { ms, action };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** As if an answer took longer than it may: every call that is under way is given up. */
  timeOut(): Promise<void> {
    return settled(() => {
      for (const timer of this.timers) {
        this.timers.delete(timer);
        timer.action();
      }
    });
  }

  report(): void {
    this.reports += 1;
  }

  hasRoom(): boolean {
    return this.held < this.room;
  }

  hold(bytes: number): void {
    this.held += bytes;
    this.most = Math.max(this.most, this.held);
  }

  release(bytes: number): void {
    this.held -= bytes;
  }

  random(): number {
    return 0;
  }

  now(): number {
    return this.time;
  }

  #change(receiver: string, seq: number, change: (row: OutboxRow) => Partial<OutboxRow>): void {
    this.rows = this.rows.map((row) =>
      row.receiver === receiver && row.seq === seq ? { ...row, ...change(row) } : row,
    );
  }
}

/** Acts, and lets all that follows from it happen. */
async function settled(act: () => void): Promise<void> {
  act();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function seqsOf(call: { readonly messages: readonly Message[] } | undefined): number[] | undefined {
  return call?.messages.map(({ seq }) => seq);
}

test("while a receiver is tried again its retry is not due: an alarm set for it would ring at once, for ever", async () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  desk.add("a", 1);
  void courier.deliver(["a"], desk.time);
  await desk.calls[0]?.fail(new Error("down"));
  expect(courier.nextAt()).toBe(desk.time + 1_000);
  expect(courier.isUnderWay).toBe(false);
  desk.time += 1_000;
  void courier.deliver([], desk.time);
  expect(desk.calls).toHaveLength(2);
  expect(courier.nextAt()).toBeNull();
  expect(courier.isUnderWay).toBe(true);
  await desk.calls[1]?.fail(new Error("still down"));
  expect(courier.nextAt()).toBe(desk.time + 2_000);
  expect(desk.rows[0]).toMatchObject({ attempts: 0, error: "still down" });
});

test("on a full disk, where the reason of a failure cannot be written, all receivers are served and tried again", async () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  const receivers = Array.from({ length: LIMITS.outboxReceivers + 1 }, (_, n) => `queue-${n}`);
  for (const [n, receiver] of receivers.entries()) desk.add(receiver, n + 1);
  const delivered = courier.deliver(receivers, desk.time);
  desk.isFull = true;
  for (let n = 0; n < receivers.length; n += 1) await desk.calls[n]?.fail(new Error("down"));
  await delivered;
  expect(desk.calls.map(({ receiver }) => receiver)).toEqual(receivers);
  expect(desk.reports).toBe(receivers.length);
  expect(courier.isUnderWay).toBe(false);
  expect(courier.nextAt()).toBe(desk.time + 1_000);
});

test("a broken call is made again under the old number, and never counts toward parking", async () => {
  const desk = new Desk();
  const courier = new Courier(desk, 2);
  desk.add("a", 1);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    void courier.deliver(["a"], desk.time);
    expect(seqsOf(desk.calls[attempt])).toEqual([1]);
    await desk.calls[attempt]?.fail(new Error("down"));
    desk.time += 300_000;
  }
  expect(desk.rows[0]).toMatchObject({ parked: 0, attempts: 0 });
});

test("a message that is refused at the limit is taken back, parked, and what is behind it goes on", async () => {
  const desk = new Desk();
  const courier = new Courier(desk, 2);
  desk.add("a", 1, 2, 3);
  void courier.deliver(["a"], desk.time);
  expect(seqsOf(desk.calls[0])).toEqual([1, 2, 3]);
  await desk.calls[0]?.answer({ kind: "refused", upTo: 1, seq: 2, reason: "full" });
  expect(desk.rows).toMatchObject([{ seq: 2, attempts: 1, error: "full" }, { seq: 3 }]);
  desk.time += 1_000;
  void courier.deliver([], desk.time);
  await desk.calls[1]?.answer({ kind: "refused", upTo: 1, seq: 2, reason: "full" });
  expect(desk.calls[2]?.messages).toMatchObject([{ seq: 2, kind: "withdrawal" }]);
  await desk.calls[2]?.answer({ kind: "withdrawn", seq: 2 });
  expect(desk.rows).toMatchObject([
    { seq: 2, parked: 1 },
    { seq: 3, parked: 0 },
  ]);
  expect(seqsOf(desk.calls[3])).toEqual([3]);
  await desk.calls[3]?.answer({ kind: "received", upTo: 3 });
  expect(desk.rows).toMatchObject([{ seq: 2, parked: 1 }]);
  expect(courier.nextAt()).toBeNull();
});

test("a message that was taken after all, when it is taken back, is forgotten as delivered", async () => {
  const desk = new Desk();
  const courier = new Courier(desk, 1);
  desk.add("a", 1);
  void courier.deliver(["a"], desk.time);
  await desk.calls[0]?.answer({ kind: "refused", upTo: 0, seq: 1, reason: "full" });
  await desk.calls[1]?.answer({ kind: "received", upTo: 1 });
  expect(desk.rows).toEqual([]);
});

test("an answer for more than was sent forgets no more than was sent", async () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  desk.add("a", 1);
  void courier.deliver(["a"], desk.time);
  desk.add("a", 2);
  await desk.calls[0]?.answer({ kind: "received", upTo: 99 });
  expect(desk.rows).toMatchObject([{ seq: 2 }]);
  expect(seqsOf(desk.calls[1])).toEqual([2]);
});

test("receivers are served side by side, a bounded number at a time, each once", async () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  const names = Array.from({ length: LIMITS.outboxReceivers + 2 }, (_, index) => `q${index}`);
  for (const name of names) desk.add(name, 1);
  void courier.deliver(names, desk.time);
  void courier.deliver(names, desk.time);
  expect(desk.calls).toHaveLength(LIMITS.outboxReceivers);
  await desk.calls[0]?.fail(new Error("down"));
  await desk.calls[1]?.answer({ kind: "received", upTo: 1 });
  expect(desk.calls.map(({ receiver }) => receiver)).toEqual(names);
});

test("however often delivery is asked for, an object has a bounded number of calls under way", () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  const names = Array.from({ length: 500 }, (_, index) => `q${index}`);
  for (const name of names) {
    desk.add(name, 1);
    void courier.deliver([name], desk.time);
  }
  expect(desk.calls).toHaveLength(LIMITS.outboxReceivers);
  expect(courier.isUnderWay).toBe(true);
});

test("receivers that never answer are given up, and those that wait for their place are served", async () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  const silent = Array.from({ length: LIMITS.outboxReceivers }, (_, index) => `silent${index}`);
  for (const name of [...silent, "healthy"]) desk.add(name, 1);
  const isDone = courier.deliver([...silent, "healthy"], desk.time);
  expect([...desk.timers].map(({ ms }) => ms)).toEqual(silent.map(() => LIMITS.outboxAnswerMs));
  await desk.timeOut();
  const last = desk.calls.at(-1);
  expect(last?.receiver).toBe("healthy");
  await last?.answer({ kind: "received", upTo: 1 });
  await isDone;
  expect(desk.timers.size).toBe(0);
  expect(courier.isUnderWay).toBe(false);
  expect(courier.nextAt()).toBe(desk.time + 1_000);
  expect(desk.rows).toHaveLength(silent.length);
  expect(desk.rows[0]).toMatchObject({ seq: 1, attempts: 0, parked: 0, error: "no answer within 30000 ms" });
});

test("calls to a receiver that never answers do not pile up, and it is called again once one has ended", async () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  desk.add("silent", 1);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    void courier.deliver(["silent"], desk.time);
    await desk.timeOut();
    desk.time += 300_000;
  }
  expect(desk.calls).toHaveLength(LIMITS.outboxUnanswered);
  expect(desk.rows).toMatchObject([{ error: "2 calls are still unanswered" }]);
  await desk.calls[0]?.fail(new Error("the object was reset"));
  void courier.deliver([], desk.time);
  expect(seqsOf(desk.calls[2])).toEqual([1]);
  await desk.calls[2]?.answer({ kind: "received", upTo: 1 });
  expect(desk.rows).toEqual([]);
  expect(courier.nextAt()).toBeNull();
});

test("an answer that comes after its time changes nothing, since its message was sent again meanwhile", async () => {
  const desk = new Desk();
  const courier = new Courier(desk);
  desk.add("slow", 1, 2);
  void courier.deliver(["slow"], desk.time);
  await desk.timeOut();
  await desk.calls[0]?.answer({ kind: "received", upTo: 2 });
  expect(desk.rows).toHaveLength(2);
  desk.time += 1_000;
  void courier.deliver([], desk.time);
  expect(seqsOf(desk.calls[1])).toEqual([1, 2]);
  await desk.calls[1]?.answer({ kind: "received", upTo: 2 });
  expect(desk.rows).toEqual([]);
});

test("receivers for whose messages there is no room wait for it, and are served as room is made, whatever the answers", async () => {
  const desk = new Desk();
  // `{}` and `1`: three bytes a message.
  desk.room = 4;
  const courier = new Courier(desk);
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) desk.add(name, 1);
  const isDone = courier.deliver(names, desk.time);
  expect(desk.calls.map(({ receiver }) => receiver)).toEqual(["a", "b"]);
  expect(desk.held).toBe(6);
  await desk.calls[0]?.answer({ kind: "received", upTo: 1 });
  expect(desk.calls.map(({ receiver }) => receiver)).toEqual(["a", "b", "c"]);
  await desk.calls[1]?.fail(new Error("down"));
  expect(desk.calls).toHaveLength(4);
  expect(courier.isUnderWay).toBe(true);
  // Nobody answers any more: those who have room give up, and the last is served.
  await desk.timeOut();
  expect(desk.calls.map(({ receiver }) => receiver)).toEqual(names);
  await desk.calls[4]?.answer({ kind: "received", upTo: 1 });
  await isDone;
  expect([desk.held, desk.most]).toEqual([0, 6]);
  expect(desk.rows.map(({ receiver }) => receiver)).toEqual(["b", "c", "d"]);
});

test("a receiver's next messages are read only when there is room for them again", async () => {
  const desk = new Desk();
  desk.room = 4;
  const courier = new Courier(desk);
  desk.add("a", 1);
  desk.add("b", 1);
  void courier.deliver(["a", "b"], desk.time);
  desk.add("a", 2);
  desk.room = 1;
  await desk.calls[0]?.answer({ kind: "received", upTo: 1 });
  expect(desk.calls).toHaveLength(2);
  await desk.calls[1]?.answer({ kind: "received", upTo: 1 });
  expect(seqsOf(desk.calls[2])).toEqual([2]);
});
