// `npm run example:worker-to-worker`: two Workers and edgeq, bound to each other; orders go from the one to the other.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { edgeqWorker, startWorkers, type WorkerParts } from "../../scripts/miniflare-workers.ts";

interface Wrangler {
  readonly services: readonly {
    readonly binding: string;
    readonly service: string;
    readonly entrypoint: string;
    readonly props: Record<string, unknown>;
  }[];
}

/** The service bindings of a wrangler.toml, as miniflare names them. */
function bindingsOf(file: string): WorkerParts {
  const { services } = parse(readFileSync(join(import.meta.dirname, file), "utf8")) as unknown as Wrangler;
  const bindings = services.map(({ binding, service, entrypoint, props }) => [
    binding,
    { name: service, entrypoint, props },
  ]);
  return { serviceBindings: Object.fromEntries(bindings) };
}

const front = await startWorkers({
  front: {
    entry: "examples/worker-to-worker/workers/front.ts",
    parts: { serviceBindings: { SHOP: "shop", WAREHOUSE: "warehouse" } },
  },
  shop: { entry: "examples/worker-to-worker/workers/shop.ts", parts: bindingsOf("wrangler.shop.toml") },
  warehouse: { entry: "examples/worker-to-worker/workers/warehouse.ts", parts: bindingsOf("wrangler.warehouse.toml") },
  edgeq: edgeqWorker(),
});
try {
  const order = (queue: string, count: number): Promise<{ status: number; text: string }> =>
    front.fetch(`/shop/${queue}`, { method: "POST", body: JSON.stringify({ item: "pen", count }) });
  const accepted = await Promise.all(Array.from({ length: 20 }, (_, count) => order("orders-eu", count)));
  console.log(`shop: ${accepted.filter(({ status }) => status === 202).length} orders accepted`);
  const refused = await order("payroll", 1);
  console.log(`shop, into payroll: ${refused.status} ${refused.text}`);
  const taken = await front.fetch("/warehouse/");
  console.log(`warehouse: ${taken.text}`);
  if (refused.status !== 403 || taken.text !== '{"orders":20,"items":190}') throw new Error("not what was expected");
} finally {
  await front.stop();
}
