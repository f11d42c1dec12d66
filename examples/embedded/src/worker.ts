// A shop with its queue inside: it takes orders over HTTP, and ships them when edgeq pushes them back to it.

import { Queue } from "edgeq/client";
import edgeq, { queueConsumer } from "edgeq/worker";

// The objects and the service, which wrangler.toml refers to.
export { DirectoryObject, QueueObject, QueueService } from "edgeq/worker";

interface Order {
  readonly item: string;
}

const shop = {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    // edgeq's HTTP API beside your own, for the command line: it lets nobody in until EDGEQ_KEYS is set.
    if (pathname.startsWith("/v1/")) return edgeq.fetch(request, env, ctx);
    if (request.method !== "POST") return new Response("POST an order", { status: 405 });

    const orders = new Queue<Order>("orders", { binding: env.EDGEQ });
    const { id } = await orders.enqueue(await request.json());
    return Response.json({ id }, { status: 202 });
  },

  async queue(batch, env) {
    for (const message of batch.messages) {
      const { item } = message.body;
      if (item === "unobtainium") {
        message.retry();
        continue;
      }
      await env.SHIPPED.put(message.id, item);
      message.ack();
    }
  },
} satisfies ExportedHandler<Cloudflare.Env, Order>;

export default shop;

/** The handler above, for edgeq to call. */
export const OrdersConsumer = queueConsumer(shop);
