// POST /v1/queues/{queue}/claim: takes ready tasks, or waits for some.

import type { ClaimInput, OutcomeOf } from "../../core/operation.ts";
import { parseClaim, parseNack } from "../../wire/parse-operation.ts";
import { renderTasks } from "../../wire/render.ts";
import { answered } from "../http-error.ts";
import { readJson } from "../read-body.ts";
import { respondText } from "../respond.ts";
import type { Call, Route } from "../route.ts";

export const claimRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/claim",
  action: "claim",
  async handle(call) {
    const { input, waitMs } = await readJson(call.request, parseClaim);
    const { tasks } = answered(await call.queue.operate("claim", input));
    return tasks.length > 0 || waitMs === 0 ? respondText(renderTasks(tasks)) : waitFor(call, input, waitMs);
  },
};

/** White space before a JSON text means nothing; to a connection that is gone it brings the news. */
const HEARTBEAT = new TextEncoder().encode(" ");
const HEARTBEAT_MS = 500;

/**
 * Waits with the answer already begun. A server learns that a client has gone only when it writes to it, so while the
 * claim is parked a space is written now and then, and once more before tasks are handed over: a client that has gone
 * takes none, and if they were taken already they are given back, their attempt not counted.
 */
function waitFor({ request, ctx, queue }: Call, input: ClaimInput, waitMs: number): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const ticket = crypto.randomUUID();
  const gone = new AbortController();
  const leave = (): void => {
    if (gone.signal.aborted) return;
    gone.abort();
    ctx.waitUntil(queue.leave(ticket));
  };
  request.signal.addEventListener("abort", leave);
  const beat = (): Promise<void> => writer.write(HEARTBEAT).catch(leave);
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS);

  const wait = async (): Promise<void> => {
    const outcome = await queue.park(input, waitMs, ticket);
    clearInterval(heartbeat);
    const tasks = outcome.kind === "claimed" ? outcome.tasks : [];
    if (tasks.length > 0) {
      void beat();
      await scheduler.wait(1);
      if (gone.signal.aborted || request.signal.aborted) return giveBack(queue, tasks);
    }
    await writer.write(new TextEncoder().encode(renderTasks(tasks)));
    await writer.close();
  };
  ctx.waitUntil(
    wait()
      .catch((error: unknown) => writer.abort(error).catch(() => {}))
      .finally(() => clearInterval(heartbeat)),
  );
  return new Response(readable, { headers: { "content-type": "application/json" } });
}

async function giveBack(
  queue: Call["queue"],
  tasks: Extract<OutcomeOf<"claim">, { kind: "claimed" }>["tasks"],
): Promise<void> {
  await queue.operate("nack", parseNack({ claims: tasks.map((task) => ({ claim: task.claim, release: true })) }));
}
