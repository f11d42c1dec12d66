// POST /v1/queues/{queue}/claim: takes ready tasks, or waits for some.

import type { ClaimInput } from "../../core/operation.ts";
import type { ClaimedTask } from "../../core/task.ts";
import { parseClaim, parseNack } from "../../api/parse-operation.ts";
import { NO_TASKS, renderTasks } from "../../api/render.ts";
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
    const answer = await call.answer("claim", input);
    return answer !== NO_TASKS || waitMs === 0 ? respondText(answer) : waitFor(call, input, waitMs);
  },
};

/** White space before a JSON text means nothing; to a connection that is gone it brings the news. */
const HEARTBEAT = new TextEncoder().encode(" ");
const HEARTBEAT_MS = 500;
/** A wait that is refused is so at once: before the answer has begun, so that the refusal has its own status. */
const REFUSAL_MS = 50;

/**
 * Waits with the answer already begun. A server learns that a client has gone only when it writes to it, so while the
 * claim is parked a space is written now and then, and once more before tasks are handed over: a client that has gone
 * takes none, and if they were taken already they are given back, their attempt not counted.
 */
async function waitFor({ request, ctx, queue }: Call, input: ClaimInput, waitMs: number): Promise<Response> {
  const ticket = crypto.randomUUID();
  const parked = queue.park(input, waitMs, ticket);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const gone = new AbortController();
  const leave = (): void => {
    if (gone.signal.aborted) return;
    gone.abort();
    ctx.waitUntil(queue.leave(ticket));
  };
  request.signal.addEventListener("abort", leave);
  const beat = (): Promise<void> => writer.write(HEARTBEAT).catch(leave);
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS);

  const handOver = async (): Promise<void> => {
    let tasks: readonly ClaimedTask[] = [];
    try {
      // What ends the wait later than at once (a pause, say) the next claim is told; this one has waited for nothing.
      const outcome = await parked;
      if (outcome.kind === "claimed") tasks = outcome.tasks;
      if (tasks.length > 0) {
        // A write is done when the one after it begins; what it met with is known a moment later, to the next.
        await beat();
        await beat();
        await scheduler.wait(1);
        await beat();
      }
      gone.signal.throwIfAborted();
      await writer.write(new TextEncoder().encode(renderTasks(tasks)));
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      if (tasks.length > 0) await giveBack(queue, tasks);
    } finally {
      clearInterval(heartbeat);
    }
  };
  ctx.waitUntil(handOver());
  const atOnce = await Promise.race([parked, scheduler.wait(REFUSAL_MS)]);
  if (atOnce !== undefined) answered(atOnce);
  return new Response(readable, { headers: { "content-type": "application/json" } });
}

async function giveBack(queue: Call["queue"], tasks: readonly ClaimedTask[]): Promise<void> {
  await queue.operate("nack", parseNack({ claims: tasks.map((task) => ({ claim: task.claim, release: true })) }));
}
