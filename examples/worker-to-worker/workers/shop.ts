// A shop's Worker. It takes orders and hands them to a queue in another Worker, by a service binding: no URL, no token.

import { isProblem, Queue } from "edgeq/client";
import type { QueueService } from "edgeq/worker";

interface Env {
  /** In wrangler.toml: to edgeq, with props that allow to enqueue into orders-*, and nothing else. */
  readonly EDGEQ: Service<typeof QueueService>;
}

interface Order {
  readonly item: string;
  readonly count: number;
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const queue = new Queue<Order>(pathname.slice(1), { binding: env.EDGEQ });
    try {
      const { id } = await queue.enqueue(await request.json<Order>());
      return Response.json({ accepted: id }, { status: 202 });
    } catch (error) {
      if (isProblem(error, "forbidden")) return Response.json({ error: error.problem.detail }, { status: 403 });
      throw error;
    }
  },
} satisfies ExportedHandler<Env>;
