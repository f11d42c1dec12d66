import { describe, expect, it } from "vitest";
import { UnreachableError } from "../../src/client/edgeq-error.ts";
import type { ClaimedTask } from "../../src/client/task.ts";
import type { ChannelEvents } from "../../src/client/socket-channel.ts";
import { SocketSource, type OpenChannel } from "../../src/consumer/socket-source.ts";
import type { WireClaimedTask } from "../../src/protocol/wire-task.ts";
import { ManualClock, settled } from "../node/manual-clock.ts";
import { ScriptedSource } from "./scripted-source.ts";

const never = new AbortController().signal;

function accept(tasks: readonly WireClaimedTask[]): Promise<ClaimedTask<string>[]> {
  return Promise.resolve(tasks as unknown as ClaimedTask<string>[]);
}

/** A socket that answers everything, and keeps what it was asked. */
function socketSource(
  opened?: Promise<void>,
  madeOut: (tasks: readonly WireClaimedTask[]) => Promise<void> = () => Promise.resolve(),
) {
  const clock = new ManualClock();
  const poll = new ScriptedSource(clock, 10_000);
  const requests: [string, Record<string, unknown>][] = [];
  const sockets: ChannelEvents[] = [];
  let isRefused = false;
  const open: OpenChannel = async (events) => {
    await opened;
    if (isRefused) return Promise.reject(new UnreachableError(1, "refused"));
    sockets.push(events);
    return Promise.resolve({
      isOpen: true,
      close() {},
      request: ((op: string, body: Record<string, unknown>) => {
        requests.push([op, body]);
        const claims = (body["claims"] ?? []) as unknown[];
        return Promise.resolve({ n: body["n"], results: claims.map(() => ({ ok: true })) });
      }) as never,
    });
  };
  const source = new SocketSource(
    open,
    async (tasks) => {
      await madeOut(tasks);
      return accept(tasks);
    },
    poll,
    { claimTimeoutMs: 10_000, waitMs: 20_000, claimant: "me" },
    clock,
  );
  return { source, clock, poll, requests, sockets, refuse: (whether: boolean) => (isRefused = whether) };
}

function pushed(...payloads: string[]): WireClaimedTask[] {
  return payloads.map((payload) => ({ id: payload, payload, claim: `c-${payload}` }) as unknown as WireClaimedTask);
}

const names = (tasks: readonly ClaimedTask<string>[]): string[] => tasks.map((task) => task.payload);

describe("a socket source", () => {
  it("grants credit for what the consumer holds and may take, once, and waits for pushes", async () => {
    const { source, requests, sockets } = socketSource();
    const first = source.take(10, never);
    await settled();
    expect(requests).toEqual([["credit", { n: 10, claimTimeoutMs: 10_000, claimant: "me" }]]);
    sockets[0]?.tasks(pushed("a", "b"));
    expect(names(await first)).toEqual(["a", "b"]);
    const second = source.take(8, never);
    await settled();
    expect(requests).toHaveLength(1);
    sockets[0]?.tasks(pushed("c"));
    expect(names(await second)).toEqual(["c"]);
  });

  it("hands over what was pushed between two takes", async () => {
    const { source, sockets } = socketSource();
    const first = source.take(1, never);
    await settled();
    sockets[0]?.tasks(pushed("a", "b", "c"));
    expect(names(await first)).toEqual(["a"]);
    expect(names(await source.take(5, never))).toEqual(["b", "c"]);
  });

  it("ends its credit when no tasks are wanted, and gives back what comes all the same", async () => {
    const { source, requests, sockets } = socketSource();
    const stop = new AbortController();
    const taking = source.take(2, stop.signal);
    await settled();
    stop.abort(new Error("no room"));
    source.rest();
    await expect(taking).rejects.toThrow("no room");
    sockets[0]?.tasks(pushed("late"));
    await settled();
    expect(requests.slice(1)).toEqual([
      ["credit", { n: 0 }],
      ["nack", { claims: [{ claim: "c-late", release: true }] }],
    ]);
    void source.take(1, never);
    await settled();
    expect(requests.at(-1)).toEqual(["credit", expect.objectContaining({ n: 1 })]);
  });

  it("asks for credit again when it has lapsed", async () => {
    const { source, requests, sockets } = socketSource();
    const taking = source.take(2, never);
    await settled();
    sockets[0]?.lapsed();
    await settled();
    expect(requests.map(([op]) => op)).toEqual(["credit", "credit"]);
    sockets[0]?.tasks(pushed("a"));
    expect(names(await taking)).toEqual(["a"]);
  });

  it("says so when the socket breaks, settles by requests meanwhile, and opens another", async () => {
    const { source, requests, sockets, poll } = socketSource();
    const taking = source.take(2, never);
    await settled();
    sockets[0]?.closed(false);
    await expect(taking).rejects.toMatchObject({ code: "unreachable" });
    poll.enqueue("x");
    const [task] = await poll.take(1, never);
    if (task === undefined) throw new Error("the poll brought nothing");
    expect(await source.ack([task], {})).toEqual([{ ok: true }]);
    expect(poll.acked).toEqual(["x"]);
    void source.take(2, never);
    await settled();
    expect(sockets).toHaveLength(2);
    expect(requests.map(([op]) => op)).toEqual(["credit", "credit"]);
  });

  it("polls for ten minutes after a socket that passed nothing on", async () => {
    const { source, sockets, poll, clock } = socketSource();
    const taking = source.take(2, never);
    await settled();
    sockets[0]?.closed(true);
    await expect(taking).rejects.toMatchObject({ code: "unreachable" });
    poll.enqueue("x", "y");
    expect(names(await source.take(1, never))).toEqual(["x"]);
    await clock.advance(599_999);
    expect(names(await source.take(1, never))).toEqual(["y"]);
    expect(sockets).toHaveLength(1);
    await clock.advance(1);
    void source.take(1, never);
    await settled();
    expect(sockets).toHaveLength(2);
  });

  it("polls where no socket can be had, and tries one again later", async () => {
    const { source, sockets, poll, clock, refuse } = socketSource();
    refuse(true);
    poll.enqueue("a", "b");
    expect(names(await source.take(1, never))).toEqual(["a"]);
    refuse(false);
    expect(names(await source.take(1, never))).toEqual(["b"]);
    expect(sockets).toHaveLength(0);
    await clock.advance(30_000);
    void source.take(1, never);
    await settled();
    expect(sockets).toHaveLength(1);
  });

  it("tries a socket first again when the server did not answer the poll either", async () => {
    const { source, sockets, poll, refuse } = socketSource();
    refuse(true);
    poll.failNext("take");
    await expect(source.take(1, never)).rejects.toMatchObject({ code: "unreachable" });
    refuse(false);
    void source.take(1, never);
    await settled();
    expect(sockets).toHaveLength(1);
  });

  it("grants credit for what came over its socket, whatever came over another or by a poll", async () => {
    const { source, requests, sockets } = socketSource();
    const first = source.take(2, never);
    await settled();
    sockets[0]?.tasks(pushed("a", "b"));
    const [a, b] = await first;
    sockets[0]?.closed(false);
    void source.take(1, never).catch(() => {});
    await settled();
    expect(requests.at(-1)).toEqual(["credit", expect.objectContaining({ n: 1 })]);
    sockets[1]?.tasks(pushed("c"));
    await settled();
    if (a !== undefined && b !== undefined) for (const task of [a, b]) source.letGo(task);
    void source.take(2, never);
    await settled();
    expect(requests.at(-1)).toEqual(["credit", expect.objectContaining({ n: 3 })]);
  });

  it("gives no credit over a socket that opens when no tasks are wanted any more", async () => {
    const opened = Promise.withResolvers<void>();
    const { source, requests } = socketSource(opened.promise);
    const taking = source.take(2, never);
    source.rest();
    opened.resolve();
    expect(await taking).toEqual([]);
    expect(requests).toEqual([]);
  });

  it("polls for what is beyond the most that a socket may hold, and is pushed nothing meanwhile", async () => {
    const { source, requests, sockets, poll } = socketSource();
    const first = source.take(1_200, never);
    await settled();
    sockets[0]?.tasks(pushed(...Array.from({ length: 1_000 }, (_, n) => `t${n}`)));
    const held = await first;
    expect(held).toHaveLength(1_000);
    const beyond = source.take(200, never);
    await settled();
    expect(requests.at(-1)).toEqual(["credit", expect.objectContaining({ n: 0 })]);
    poll.enqueue("a");
    expect(names(await beyond)).toEqual(["a"]);
    for (const task of held.slice(0, 10)) source.letGo(task);
    void source.take(209, never);
    await settled();
    expect(requests.at(-1)).toEqual(["credit", expect.objectContaining({ n: 1_000 })]);
    expect(sockets).toHaveLength(1);
  });

  it("hands over what came before nothing was to be pushed any more, without a poll", async () => {
    const slow = Promise.withResolvers<void>();
    const { source, sockets, poll } = socketSource(undefined, ([task]) =>
      task?.id === "late" ? slow.promise : Promise.resolve(),
    );
    const first = source.take(1_200, never);
    await settled();
    sockets[0]?.tasks(pushed(...Array.from({ length: 1_000 }, (_, n) => `t${n}`)));
    await first;
    const beyond = source.take(200, never);
    sockets[0]?.tasks(pushed("late"));
    await settled();
    slow.resolve();
    expect(names(await beyond)).toEqual(["late"]);
    expect(poll.takes).toEqual([]);
  });

  it("sends what is too long for a frame by a request", async () => {
    const { source, requests, sockets, poll } = socketSource();
    const taking = source.take(1_000, never);
    await settled();
    sockets[0]?.tasks(pushed(...Array.from({ length: 1_000 }, (_, n) => `t${n}`)));
    const tasks = await taking;
    const failed = (error: string) => tasks.map((task) => ({ task, error }));
    await source.nack(failed("no paper"), {});
    expect(requests.map(([op]) => op)).toEqual(["credit", "nack"]);
    await source.nack(failed("x".repeat(1_024)), {});
    expect(requests).toHaveLength(2);
    expect(poll.nackCalls).toBe(1);
  });
});
