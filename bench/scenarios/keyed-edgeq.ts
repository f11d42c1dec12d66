// edgeq's keys: one claim a key at a time, in order, over 64 sockets with credit.
import { QueueHttp } from "../edgeq/queue-http.ts";
import { QueueSocket, type SocketTask } from "../edgeq/queue-socket.ts";
import { startEdgeq } from "../edgeq/start-edgeq.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { keyedPayload, keyedTaskOf, type KeyedQueue, type KeyedSubject, type KeyedTask } from "./keyed-queue.ts";

export const consumers = 64;
/** Tasks that a consumer holds at most. */
const credit = 16;
/** What a queue must know to run the scenario. */
export const oneAtATime = { keys: { order: "fifo", concurrency: 1 } } as const;

export const keyedEdgeq: KeyedSubject = {
  name: "edgeq-socket",
  missing: () => null,
  async start(dir) {
    const edgeq = await startEdgeq({ dir });
    return {
      open: (name, isKeyed) => openKeyed(edgeq.url, name, isKeyed),
      stop: () => edgeq.stop(),
    };
  },
};

export async function openKeyed(origin: string, name: string, isKeyed: boolean): Promise<KeyedQueue | string> {
  const producer = QueueHttp.open(origin, name, 16);
  const lacking = isKeyed ? await producer.configure(oneAtATime) : null;
  if (lacking !== null) {
    await producer.close();
    return lacking;
  }
  const jsonOf = (task: KeyedTask): string => taskJson(keyedPayload(task), isKeyed ? `,"key":"key-${task.key}"` : "");
  return {
    enqueue: (tasks) => producer.enqueue(tasks.map(jsonOf)),
    consume: (handle) => consume(origin, name, handle),
    close: () => producer.close(),
  };
}

async function consume(
  origin: string,
  name: string,
  handle: (task: KeyedTask) => Promise<void>,
): Promise<{ stop(): Promise<void> }> {
  const sockets = await Promise.all(Array.from({ length: consumers }, () => QueueSocket.open(origin, name)));
  let working = 0;
  let isStopping = false;
  let failure: unknown = null;
  let settle: (() => void) | null = null;
  const work = async (socket: QueueSocket, task: SocketTask): Promise<void> => {
    working += 1;
    try {
      await handle(keyedTaskOf(task.payload));
      await socket.ack([task]);
    } catch (reason) {
      failure = reason;
    }
    working -= 1;
    if (working === 0) settle?.();
  };
  const grants = sockets.map((socket) =>
    socket.grant(credit, (tasks) => {
      // What is pushed from then on is given back when its socket closes.
      if (!isStopping) for (const task of tasks) void work(socket, task);
    }),
  );
  await Promise.all(grants);
  return {
    async stop() {
      isStopping = true;
      if (working > 0) await new Promise<void>((resolve) => (settle = resolve));
      await Promise.all(sockets.map((socket) => socket.close()));
      if (failure !== null) throw failure;
    },
  };
}
