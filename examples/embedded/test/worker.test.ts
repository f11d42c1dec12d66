// The Worker with its real objects, in the Workers runtime: an order comes in by HTTP and is shipped by push.

import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

async function order(item: string): Promise<string> {
  const response = await exports.default.fetch("http://shop/", { method: "POST", body: JSON.stringify({ item }) });
  expect(response.status).toBe(202);
  const { id } = await response.json<{ id: string }>();
  return id;
}

test("an order is shipped", async () => {
  const id = await order("pen");
  await vi.waitFor(async () => expect(await env.SHIPPED.get(id)).toBe("pen"), { timeout: 20_000 });
});

test("edgeq's API lets nobody in while EDGEQ_KEYS is not set", async () => {
  const response = await exports.default.fetch("http://shop/v1/queues/orders");
  expect(response.status).toBe(503);
});
