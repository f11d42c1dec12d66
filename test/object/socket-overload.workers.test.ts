// Messages over sockets beyond those that may wait for their turn: what is refused is answered before all that waits.

import { runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { configure } from "../contract/builders.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

function answersOf({ received }: SocketClient): unknown[] {
  return received.filter(({ id }) => id !== undefined);
}

const ask = (id: number): unknown => ({ id, op: "getTask", body: { id: "none" } });

test("messages that there is no room for are refused in the next turn, not after the thousands that wait", async () => {
  const queue = new ObjectQueue();
  await configure(queue, {});
  const full = LIMITS.waitingJobs / LIMITS.socketRequests;
  const clients: SocketClient[] = [];
  for (let opened = 0; opened <= full; opened += 1) clients.push(await SocketClient.open(queue.name));
  const messages = Array.from({ length: LIMITS.socketRequests }, (_, id) => ask(id));
  /** Which socket was sent answers, one after the other, by the order in which their messages came. */
  const answered: number[] = [];
  await runInDurableObject(queue.stub, (object, state) => {
    for (const [index, socket] of state.getWebSockets().entries()) {
      const send = socket.send.bind(socket);
      vi.spyOn(socket, "send").mockImplementation((frame) => {
        answered.push(index);
        send(frame);
      });
      object.webSocketMessage(socket, JSON.stringify(messages));
    }
  });
  for (const client of clients) await client.until(() => answersOf(client).length === messages.length);
  const codes = clients.map(({ received }) => new Set(received.map(({ problem }) => problem?.code)));
  expect(codes.filter((of) => of.has("overloaded"))).toHaveLength(1);
  expect(codes.filter((of) => of.has("task-not-found"))).toHaveLength(full);
  // Each has a time of its own to return at, since all at once they would be refused again.
  const times = clients.flatMap(({ received }) => received.flatMap(({ problem }) => problem?.retryAfterMs ?? []));
  expect(times).toHaveLength(messages.length);
  expect(Math.min(...times)).toBe(1_000);
  expect(Math.max(...times)).toBeLessThanOrEqual(LIMITS.returnsWithinMs);
  // The first turn answers two thousand of those that waited, and all that were refused.
  expect(answered.indexOf(full)).toBeLessThan(answered.indexOf(LIMITS.turnJobs / LIMITS.socketRequests));
});

test("a flood that is refused for any reason takes no turns from those who come after it", async () => {
  const queue = new ObjectQueue();
  await configure(queue, {});
  const clients = [await SocketClient.open(queue.name), await SocketClient.open(queue.name)];
  const frames = LIMITS.turnJobs / LIMITS.socketRequests + 2;
  /** Timers, each of which begins a turn, until each is sent something. */
  const turnsOf: number[] = [];
  await runInDurableObject(queue.stub, (object, state) => {
    const turns = vi.spyOn(globalThis, "setTimeout");
    const sockets = state.getWebSockets();
    for (const [index, socket] of sockets.entries()) {
      const send = socket.send.bind(socket);
      vi.spyOn(socket, "send").mockImplementation((frame) => {
        turnsOf[index] ??= turns.mock.calls.length;
        send(frame);
      });
    }
    const [flooding, asking] = sockets;
    if (flooding === undefined || asking === undefined)
      throw new Error(`expected two sockets, found ${sockets.length}`);
    for (let frame = 0; frame < frames; frame += 1) {
      const first = frame * LIMITS.socketRequests;
      const messages = Array.from({ length: LIMITS.socketRequests }, (_, place) => ask(first + place));
      object.webSocketMessage(flooding, JSON.stringify(messages));
    }
    object.webSocketMessage(asking, JSON.stringify(ask(0)));
  });
  const answers = (): unknown[] => clients.flatMap(answersOf);
  for (const client of clients)
    await client.until(() => [1, frames * LIMITS.socketRequests].includes(answersOf(client).length));
  expect(answers()).toHaveLength(frames * LIMITS.socketRequests + 1);
  const codes = clients.flatMap(({ received }) => received.map(({ problem }) => problem?.code));
  expect(codes.filter((code) => code === "rate-limited")).toHaveLength((frames - 1) * LIMITS.socketRequests);
  expect(turnsOf[1]).toBe(turnsOf[0]);
  vi.restoreAllMocks();
});

test("numbers sent back that nobody asked for take no turns from others, though the socket waits for tasks", async () => {
  const queue = new ObjectQueue();
  await configure(queue, {});
  const client = await SocketClient.open(queue.name);
  await client.ask("credit", { n: 10 });
  const forged = Array.from({ length: LIMITS.frameMessages }, (_, sync) => ({ op: "sync", sync }));
  await runInDurableObject(queue.stub, (object, state) => {
    const [socket] = state.getWebSockets();
    if (socket === undefined) throw new Error("expected a socket, found none");
    const turns = vi.spyOn(globalThis, "setTimeout");
    for (let frame = 0; frame < 5; frame += 1) object.webSocketMessage(socket, JSON.stringify(forged));
    expect(turns).not.toHaveBeenCalled();
    turns.mockRestore();
  });
  expect(await client.ask("getTask", { id: "none" })).toMatchObject({ problem: { code: "task-not-found" } });
});

test.each([
  ["credit", { n: 1 }],
  ["watch", {}],
])("a socket may have as many %s messages unanswered as requests", async (op, body) => {
  const queue = new ObjectQueue();
  await configure(queue, {});
  const client = await SocketClient.open(queue.name);
  const messages = Array.from({ length: LIMITS.socketRequests }, (_, id) => ({ id, op, body }));
  await runInDurableObject(queue.stub, (object, state) => {
    const [socket] = state.getWebSockets();
    if (socket === undefined) throw new Error("expected a socket, found none");
    object.webSocketMessage(socket, JSON.stringify(messages));
    object.webSocketMessage(socket, JSON.stringify({ id: "more", op, body }));
  });
  await client.until(() => answersOf(client).length === messages.length + 1);
  const refused = client.received.filter(({ problem }) => problem !== undefined);
  expect(refused).toMatchObject([{ id: "more", problem: { code: "rate-limited" } }]);
  expect(await client.ask(op, body)).toMatchObject({ ok: {} });
});

test("after so many frames of sockets others are heard, whatever the frames say", async () => {
  const queue = new ObjectQueue();
  await configure(queue, {});
  const client = await SocketClient.open(queue.name);
  await runInDurableObject(queue.stub, (object, state) => {
    const [socket] = state.getWebSockets();
    if (socket === undefined) throw new Error("expected a socket, found none");
    const rests = vi.spyOn(state, "blockConcurrencyWhile");
    const receive = (frames: number): void => {
      for (let frame = 0; frame < frames; frame += 1) object.webSocketMessage(socket, `{"op":"sync","sync":${frame}}`);
    };
    receive(LIMITS.framesAtOnce - 1);
    expect(rests).not.toHaveBeenCalled();
    receive(1);
    expect(rests).toHaveBeenCalledTimes(1);
    receive(LIMITS.framesAtOnce - 1);
    expect(rests).toHaveBeenCalledTimes(1);
    receive(1);
    expect(rests).toHaveBeenCalledTimes(2);
    object.webSocketMessage(socket, `{"op":"sync","sync":0${" ".repeat(LIMITS.framesAtOnce * LIMITS.frameLength)}}`);
    expect(rests).toHaveBeenCalledTimes(3);
    rests.mockRestore();
  });
  expect(await client.ask("getTask", { id: "none" })).toMatchObject({ problem: { code: "task-not-found" } });
});
