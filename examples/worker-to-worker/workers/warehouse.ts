// A warehouse's Worker. Asked to, it takes orders off the queue, by a binding that may claim but not enqueue.

import { Queue } from "edgeq/client";
import type { QueueService } from "edgeq/worker";

interface Env {
  /** In wrangler.toml: to edgeq, with props that allow to claim from orders-eu. */
  readonly EDGEQ: Service<typeof QueueService>;
}

interface Order {
  readonly item: string;
  readonly count: number;
}

export default {
  async fetch(_request, env) {
    const orders = new Queue<Order>("orders-eu", { binding: env.EDGEQ });
    const tasks = await orders.claim({ max: 100, waitMs: 1_000, claimant: "warehouse" });
    await orders.ackBatch(tasks);
    const items = tasks.reduce((sum, { payload }) => sum + payload.count, 0);
    return Response.json({ orders: tasks.length, items });
  },
} satisfies ExportedHandler<Env>;
