// What somebody does who looks after a queue: takes claims away.

import { describe, expect, test } from "vitest";
import type { NewTask, OutcomeOf } from "../../src/core/operation.ts";
import { ack, claim, claimOne, counts, enqueue, expectKind, get, nack, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

export function operatorContract(open: OpenQueue): void {
  describe("a claim that an operator takes away", () => {
    test.each<[string, Omit<NewTask, "payload">]>([
      ["plain, in a run", {}],
      ["in a lane", { lane: "side" }],
      ["of a key", { key: "tenant" }],
      ["with its own id", { id: "order-1" }],
    ])("is lost, and its task is offered again with no attempt counted: one %s (P4)", async (_what, options) => {
      const queue = await open();
      await enqueue(queue, task(1, options), task(2));
      const lanes = { inOrder: [options.lane ?? "main"] };
      const held = await claimOne(queue, { lanes, claimant: "stuck" });
      const { task: released } = expectKind(await release(queue, held.id, held.version), "task");
      expect(released).toMatchObject({ id: held.id, state: "ready", attempts: 0, claimant: null, error: null });
      expect([await ack(queue, held), await nack(queue, held)]).toEqual([["claim-lost"], "claim-lost"]);
      queue.advance(1);
      const again = await claim(queue, { max: 2, lanes });
      expect(again.find(({ id }) => id === held.id)).toMatchObject({ attempts: 1 });
    });

    test("holds nothing back after a restart either", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      expectKind(await release(queue, held.id), "task");
      await queue.restart();
      expect(await get(queue, held.id)).toMatchObject({ state: "ready", attempts: 0 });
      expect(await ack(queue, held)).toEqual(["claim-lost"]);
    });

    test("is refused for a task that is not claimed, at another version, or not there; nothing changes", async () => {
      const queue = await open();
      const [free] = await enqueue(queue, task(1));
      const id = free?.id ?? "";
      expect(await release(queue, id)).toMatchObject({ kind: "version-conflict", state: "ready", version: 1 });
      const held = await claimOne(queue, { claimTimeoutMs: 1_000 });
      expect(await release(queue, id, 1)).toMatchObject({ kind: "version-conflict", state: "claimed", version: 2 });
      expect(await release(queue, "none")).toEqual({ kind: "task-not-found", id: "none" });
      expect(await counts(queue)).toEqual([0, 0, 1, 0]);
      queue.advance(1_000);
      expect(await release(queue, id)).toMatchObject({ kind: "version-conflict", state: "ready" });
      expect(await get(queue, held.id)).toMatchObject({ attempts: 1 });
    });

    test("rests first when it is taken away over and over, as other releases do", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const states: string[] = [];
      for (let round = 0; round < 18; round += 1) {
        const { id } = await claimOne(queue);
        states.push(expectKind(await release(queue, id), "task").task.state);
        queue.advance(1_000);
      }
      expect(states).toEqual([...Array.from({ length: 16 }, () => "ready"), "delayed", "delayed"]);
    });
  });
}

function release(queue: QueueDriver, id: string, version?: number): Promise<OutcomeOf<"releaseTask">> {
  return queue.operate("releaseTask", { id, ...(version === undefined ? {} : { version }) });
}
