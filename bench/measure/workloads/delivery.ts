// Enqueue to delivery at a consumer that waits idle: one task at a time, with a pause between, timed
// from the enqueue call to the handler. One operation is one task.
import { setTimeout as sleep } from "node:timers/promises";
import type { PeerQueue } from "../../peers/peer.ts";
import { percentilesOf, type Measurement } from "../measurement.ts";
import { numberOf, payloadOf } from "../payload.ts";
import type { Settings } from "../settings.ts";

const deliveryLimitMs = 30_000;
/** Between tasks, so that the consumer is idle again; uneven, so that no poll interval locks in with it. */
const pauseMs = (): number => 5 + Math.random() * 20;

export async function delivery(queue: PeerQueue, settings: Settings): Promise<Measurement> {
  const arrivals = new Map<number, (at: number) => void>();
  const consumer = await queue.consume((payload) => arrivals.get(numberOf(payload))?.(performance.now()));
  const deliverOne = async (number: number): Promise<number> => {
    const arrived = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`task ${number} not delivered in ${deliveryLimitMs} ms`)),
        deliveryLimitMs,
      );
      arrivals.set(number, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
    });
    const from = performance.now();
    const [at] = await Promise.all([arrived, queue.enqueueOne(payloadOf(number, settings.payloadBytes))]);
    arrivals.delete(number);
    return at - from;
  };
  const warmUps = Math.ceil(settings.deliveries / 10);
  for (let number = 0; number < warmUps; number += 1) {
    await deliverOne(number);
    await sleep(pauseMs());
  }
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  // A polling peer may need a second a task: the time bound ends it with fewer.
  const deadline = startedAt + 4 * settings.measureMs;
  for (let number = 0; number < settings.deliveries && performance.now() < deadline; number += 1) {
    latenciesMs.push(await deliverOne(warmUps + number));
    await sleep(pauseMs());
  }
  const elapsedMs = performance.now() - startedAt;
  await consumer.allAcked();
  await consumer.stop();
  const tasks = latenciesMs.length;
  return { workload: "delivery", operations: tasks, tasks, elapsedMs, latency: percentilesOf(latenciesMs) };
}
