// Enqueue to delivery at a consumer that waits idle: one task at a time, with a pause between, timed
// from the enqueue call to the handler. One operation is one task.
import type { PeerQueue } from "../../peers/peer.ts";
import type { Measurement } from "../measurement.ts";
import { oneAtATime, type Operation } from "../one-at-a-time.ts";
import { numberOf, payloadOf } from "../payload.ts";
import type { Settings } from "../settings.ts";

const deliveryLimitMs = 30_000;

export async function delivery(queue: PeerQueue, settings: Settings): Promise<Measurement> {
  const { deliverOne, end } = await openDelivery(queue, settings);
  const measured = await oneAtATime("delivery", settings, deliverOne);
  await end();
  return measured;
}

/** A consumer that waits, and deliveries to it, one at a time. */
export async function openDelivery(
  queue: PeerQueue,
  { payloadBytes }: Pick<Settings, "payloadBytes">,
): Promise<{ readonly deliverOne: Operation; readonly end: () => Promise<void> }> {
  const arrivals = new Map<number, (at: number) => void>();
  const consumer = await queue.consume((payload) => arrivals.get(numberOf(payload))?.(performance.now()));
  let number = 0;
  const deliverOne = async (): Promise<number> => {
    number += 1;
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
    const [at] = await Promise.all([arrived, queue.enqueueOne(payloadOf(number, payloadBytes))]);
    arrivals.delete(number);
    return at - from;
  };
  const end = async (): Promise<void> => {
    await consumer.allAcked();
    await consumer.stop();
  };
  return { deliverOne, end };
}
