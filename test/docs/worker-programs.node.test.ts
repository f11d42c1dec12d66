// The programs of Workers in the guides, each run as it is shown, with the configuration that its page shows, by wrangler and the packed
// package. What a page leaves to its reader is written here: the name of a Worker, and an entry that reaches each program.

import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { layOut, packed, type Packed } from "../package/packed.ts";
import { runningWorkers, wranglerDev } from "../package/running-workers.ts";
import { blocksOf } from "./walk-page.ts";

/** Past this something does not happen. */
const HAPPENS_WITHIN_MS = 20_000;

let pack: Packed;
/** That of examples/deploy, which the pages name for edgeq as a Worker of its own. */
let edgeq: string;

beforeAll(async () => {
  pack = await packed();
  const modules = await layOut(pack.tarball, pack.dir);
  await symlink(join(PROJECT_DIR, "node_modules/wrangler"), join(modules, "wrangler"));
  edgeq = await readFile(join(PROJECT_DIR, "examples/deploy/wrangler.toml"), "utf8");
});
afterAll(() => pack.remove());

async function blocksOfPage(page: string, kind: string): Promise<string[]> {
  const blocks = blocksOf(await readFile(join(PROJECT_DIR, "docs", page), "utf8"));
  return blocks.flatMap((block) => (block.kind === kind && block.rest === "" ? [block.body] : []));
}

/** A folder with these files, below the one that the package is installed in. */
async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(pack.dir, "worker-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

/** A Worker's configuration, with what a page adds to it. */
function worker(name: string, added: string): string {
  return `name = "${name}"\nmain = "${name}.ts"\ncompatibility_date = "2026-08-15"\n${added}`;
}

async function answerOf(url: string, init?: RequestInit): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: /^[[{"n]/.test(text) ? JSON.parse(text) : text };
}

describe("docs/binding.md", () => {
  it("enqueues with the client, and takes a task without it; edgeq logs which compatibility flag it lacks", async () => {
    const [client = "", methods = "", ...others] = await blocksOfPage("binding.md", "ts");
    expect(others).toEqual([]);
    const [binding = ""] = await blocksOfPage("binding.md", "toml");
    const dir = await folder({
      "wrangler.toml": worker("caller", binding),
      "wrangler.edgeq.toml": edgeq.replace(', "no_web_socket_compression"', ""),
      "src/worker.ts": await readFile(join(PROJECT_DIR, "examples/deploy/src/worker.ts"), "utf8"),
      "client.ts": client,
      "methods.ts": methods,
      "caller.ts": `
        import client from "./client.ts";
        import { takeOne } from "./methods.ts";
        export default {
          async fetch(request, env, ctx) {
            if (new URL(request.url).pathname === "/client") return client.fetch(request, env, ctx);
            await env.EDGEQ.enqueue("orders-eu", { payload: "now" });
            return Response.json(await takeOne(env.EDGEQ));
          },
        };`,
    });
    const { url, said } = await runningWorkers(dir, wranglerDev("wrangler.toml", "wrangler.edgeq.toml"));
    expect(await answerOf(`${url}/client`)).toMatchObject({ status: 200, body: { id: expect.any(String) as string } });
    // The other task has a delay.
    expect(await answerOf(`${url}/take`)).toEqual({ status: 200, body: "now" });
    await vi.waitFor(() => expect(said()).toContain('edgeq: add "no_web_socket_compression" to compatibility_flags'), {
      timeout: HAPPENS_WITHIN_MS,
    });
  });
});

describe("docs/embed.md", () => {
  it("has its tasks pushed to its own handler, sent by a binding or by ctx.exports", async () => {
    const [shop = "", ordersOf = "", ...others] = await blocksOfPage("embed.md", "ts");
    expect(others).toEqual([]);
    const [config = ""] = await blocksOfPage("embed.md", "toml");
    const dir = await folder({
      "wrangler.toml": config.replace("src/worker.ts", "src/entry.ts"),
      "src/worker.ts": shop,
      "src/orders-of.ts": ordersOf,
      "src/entry.ts": `
        import { ordersOf } from "./orders-of.ts";
        import worker from "./worker.ts";
        export * from "./worker.ts";
        export default {
          ...worker,
          async fetch(request, env, ctx) {
            if (new URL(request.url).pathname !== "/exports") return worker.fetch(request, env, ctx);
            return Response.json(await ordersOf(ctx.exports).enqueue({ item: "ink" }));
          },
        };`,
    });
    const { url, said } = await runningWorkers(dir, wranglerDev("wrangler.toml"));
    const id = expect.any(String) as string;
    expect(await answerOf(url)).toMatchObject({ status: 202, body: { id } });
    expect(await answerOf(`${url}/exports`)).toMatchObject({ status: 200, body: { id } });
    // As the page says: nobody is let in over HTTP until keys are set.
    expect(await answerOf(`${url}/v1/queues/orders`)).toMatchObject({ status: 503 });
    await vi.waitFor(() => expect(said()).toMatch(/shipping pen[^]*shipping ink|shipping ink[^]*shipping pen/), {
      timeout: HAPPENS_WITHIN_MS,
    });
  });
});

describe("docs/migrate-from-cloudflare-queues.md", () => {
  it("sends by the producer's binding, and retries in the consumer", async () => {
    const page = "migrate-from-cloudflare-queues.md";
    const [producer = "", consumer = "", ...others] = await blocksOfPage(page, "ts");
    expect(others).toEqual([]);
    const [, producing = "", consuming = ""] = await blocksOfPage(page, "toml");
    const dir = await folder({
      "wrangler.toml":
        edgeq.replace("src/worker.ts", "front.ts").replace("[[durable", 'vars.EDGEQ_AUTH = "open"\n[[durable') +
        consuming,
      "wrangler.shop.toml": worker("shop", producing),
      "producer.ts": producer,
      "consumer.ts": consumer,
      "shop.ts": `
        import consumer from "./consumer.ts";
        import producer from "./producer.ts";
        export { EdgeqConsumer } from "./consumer.ts";
        export default { ...consumer, ...producer };`,
      // edgeq, and the shop's address below it.
      "front.ts": `
        import edgeq from "edgeq/worker";
        export * from "edgeq/worker";
        export default {
          fetch(request, env, ctx) {
            return new URL(request.url).pathname === "/shop" ? env.SHOP.fetch(request) : edgeq.fetch(request, env, ctx);
          },
        };`,
    });
    await writeFile(
      join(dir, "wrangler.toml"),
      `${await readFile(join(dir, "wrangler.toml"), "utf8")}\n[[services]]\nbinding = "SHOP"\nservice = "shop"\n`,
    );
    const { url } = await runningWorkers(dir, wranglerDev("wrangler.toml", "wrangler.shop.toml"));
    const delayed = async (): Promise<readonly object[]> => {
      const { body } = await answerOf(`${url}/v1/queues/orders/tasks?state=delayed`);
      return (body as { readonly tasks: readonly object[] }).tasks;
    };
    expect(await answerOf(`${url}/shop`)).toEqual({ status: 200, body: "sent" });
    expect(await delayed()).toMatchObject(["pen", "ink", "nib"].map((item) => ({ payload: { item }, attempts: 0 })));

    // A batch that is full is handed over at once; the handler wants each of its messages again in 10 s.
    const tasks = Array.from({ length: 10 }, (_, count) => ({ payload: { item: `cap-${count}` } }));
    await answerOf(`${url}/v1/queues/orders/tasks`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tasks }),
    });
    await vi.waitFor(
      async () => {
        const retried = (await delayed()).filter((task) => (task as { readonly attempts: number }).attempts === 1);
        expect(retried).toHaveLength(10);
      },
      { timeout: HAPPENS_WITHIN_MS, interval: 100 },
    );
  });
});
