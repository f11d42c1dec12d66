// The database of one queue is put back as a file, on plain workerd, while the queue that it sends to lives on; then the queue is told.

import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { runCli } from "../cli/run-cli.ts";
import { built } from "../node/built.ts";
import { temporaryFolder } from "../scripts/run-script.ts";

async function start(stateDir: string): Promise<WorkerdServer> {
  const { configPath } = await built("worker");
  return startServer({ stateDir, configPath, env: { EDGEQ_AUTH: "open" }, output: "ignore" });
}

interface Answer {
  readonly tasks: { readonly id: string; readonly claim: string; readonly payload: unknown }[];
  readonly results: unknown[];
}

async function ask({ url }: WorkerdServer, method: string, path: string, body?: object): Promise<Answer> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return (await (await fetch(`${url}/v1/queues/${path}`, { method, ...init })).json()) as Answer;
}

async function dies(server: WorkerdServer, payload: string): Promise<void> {
  await ask(server, "POST", "orders/tasks", { payload, lane: "dies" });
  const [task] = (await ask(server, "POST", "orders/claim", { lanes: ["dies"] })).tasks;
  await ask(server, "POST", "orders/nack", { claims: [{ claim: task?.claim, dead: true }] });
}

async function letters(server: WorkerdServer): Promise<unknown[]> {
  const { tasks } = await ask(server, "GET", "orders-dead/tasks");
  return (tasks ?? []).map(({ payload }) => payload).toSorted();
}

test("a queue whose file was put back is notified, and nothing of the time between matches", async () => {
  const [stateDir, copy] = [temporaryFolder(), temporaryFolder()];
  const objects = join(stateDir, "edgeq-QueueObject");
  const first = await start(stateDir);
  await ask(first, "PUT", "orders", { deadLetterQueue: "orders-dead" });
  await ask(first, "POST", "orders/tasks", { payload: "then" });
  await first.stop();
  // No other queue is there yet: these are its files.
  const files = readdirSync(objects).filter((name) => /^[0-9a-f]+\.sqlite/.test(name));
  mkdirSync(copy, { recursive: true });
  for (const name of files) copyFileSync(join(objects, name), join(copy, name));

  const second = await start(stateDir);
  const [since] = (await ask(second, "POST", "orders/claim", { claimTimeoutMs: 600_000 })).tasks;
  await dies(second, "since");
  await expect.poll(() => letters(second), { timeout: 10_000 }).toEqual(["since"]);
  await second.stop();

  for (const name of readdirSync(objects)) if (files.some((file) => name.startsWith(file))) rmSync(join(objects, name));
  for (const name of files) copyFileSync(join(copy, name), join(objects, name));
  const third = await start(stateDir);
  try {
    const { url } = third;
    const rewound = await runCli(["rewind", "orders", "--to", String(Date.now() - 1_000), "--yes"], { url });
    expect([rewound.status, rewound.stderr]).toEqual([1, expect.stringContaining("keeps no record")]);
    const told = await runCli(["rewind", "orders", "--done", "--yes"], { url });
    expect([told.status, told.stdout]).toEqual([0, expect.stringContaining("orders is in incarnation 2")]);
    const [anew] = (await ask(third, "POST", "orders/claim", {})).tasks;
    expect(anew).toMatchObject({ id: since?.id, payload: "then" });
    const claims = [since?.claim, anew?.claim];
    expect((await ask(third, "POST", "orders/ack", { claims })).results).toEqual([
      { claim: since?.claim, ok: false, code: "claim-lost" },
      { claim: anew?.claim, ok: true },
    ]);
    await dies(third, "anew");
    await expect.poll(() => letters(third), { timeout: 10_000 }).toEqual(["anew", "since"]);
  } finally {
    await third.stop();
  }
});
