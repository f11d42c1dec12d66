// What was answered over a socket is on disk (P1): the server is killed while requests are under way, again and again.

import { expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";

const CRASHES = 4;
/** Answers to wait for before each crash: some commits into the stream. */
const ANSWERS = 300;
const IN_FLIGHT = 64;

const server = serverForTests();

/** Keeps requests in flight, each its own task id, until so many are answered; then the server is killed under the rest. */
async function enqueueUntilKilled(round: number): Promise<string[]> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/queues/crash/socket`);
  const answered: string[] = [];
  let sent = 0;
  const send = (): void => {
    const id = `${round}-${sent}`;
    sent += 1;
    socket.send(JSON.stringify({ id, op: "enqueue", body: { payload: sent, id } }));
  };
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  socket.addEventListener("open", () => {
    for (let n = 0; n < IN_FLIGHT; n += 1) send();
  });
  socket.addEventListener("message", ({ data }) => {
    const received = JSON.parse(String(data)) as Answer | readonly Answer[];
    for (const answer of [received].flat()) {
      if (answer.op === "sync") {
        socket.send(JSON.stringify(answer));
        continue;
      }
      if (answer.ok === undefined) throw new Error(`expected an answer, found ${String(data)}`);
      answered.push(String(answer.id));
      send();
    }
    if (answered.length >= ANSWERS) resolve();
  });
  await enough;
  await server.crash();
  return answered;
}

interface Answer {
  readonly id?: string;
  readonly op?: string;
  readonly ok?: unknown;
}

async function storedIds(): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | null = "0";
  while (cursor !== null) {
    const response = await fetch(`${server.url}/v1/queues/crash/tasks?limit=1000&cursor=${cursor}`);
    const page = (await response.json()) as { tasks: { id: string }[]; cursor: string | null };
    for (const { id } of page.tasks) ids.add(id);
    ({ cursor } = page);
  }
  return ids;
}

test("every enqueue that was answered is there after kill -9, however many were in flight", async () => {
  const answered: string[] = [];
  for (let round = 0; round < CRASHES; round += 1) answered.push(...(await enqueueUntilKilled(round)));
  expect(answered.length).toBeGreaterThanOrEqual(CRASHES * ANSWERS);
  const stored = await storedIds();
  expect(answered.filter((id) => !stored.has(id))).toEqual([]);
});
