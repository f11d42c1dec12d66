// POST /v1/queues/{queue}/claim: takes ready tasks, or waits for some.

import { claimBy } from "../../api/lacking.ts";
import { claim } from "../../api/operations/claim.ts";
import { nack } from "../../api/operations/settle.ts";
import { NO_TASKS } from "../../api/render.ts";
import { authorizeInput } from "../authorize.ts";
import { unmeasured } from "../../object/queue-stub.ts";
import { answered } from "../http-error.ts";
import { WAITING_CLAIMS } from "../waiting-claims.ts";
import { ADMISSION } from "../admission.ts";
import { respondHeld, sendHeld } from "../respond-held.ts";
import { routeOf, type Call } from "../route.ts";
import { readInput } from "./operation.ts";

export const claimRoute = routeOf(claim, async (call) => {
  const input = claimBy(call.grant, await readInput(call, claim));
  authorizeInput(call, claim, input, call.queueName);
  if (input.waitMs === undefined) return respondTasks(call, await call.answer("claim", input));
  await call.opened();
  const ticket = crypto.randomUUID();
  const ended = WAITING_CLAIMS.begin(call.grant);
  const claimed = call.queue
    .answer("claim", { ...input, ticket })
    .then(unmeasured)
    .finally(ended);
  // What is ready, or refused, is so at once: then the answer has not begun yet, and has its own status.
  const soon = await Promise.race([claimed, scheduler.wait(SOON_MS)]);
  if (soon === undefined) call.waits();
  const atOnce = soon ?? (await Promise.race([claimed, scheduler.wait(AT_ONCE_MS - SOON_MS)]));
  return atOnce === undefined ? waitFor(call, claimed, ticket) : respondTasks(call, answered(atOnce));
});

/** Tasks that cannot be sent, since too much is unread already, are given back. */
async function respondTasks({ queue, ctx }: Call, tasks: string): Promise<Response> {
  try {
    return respondHeld(tasks, ctx);
  } catch (error) {
    await giveBack(queue, tasks);
    throw error;
  }
}

/** White space before a JSON text means nothing; to a connection that is gone it brings the news. */
const HEARTBEAT = new TextEncoder().encode(" ");
/** Beats grow rarer while a claim waits, since thousands may: each is twice as far from the last, up to the longest. */
const FIRST_BEAT_MS = 500;
const LONGEST_BEAT_MS = 4_000;
/** An answer begins with its first beat. */
const AT_ONCE_MS = FIRST_BEAT_MS;
/** A claim that has no answer by then waits for tasks, and does not keep others from being let in. */
const SOON_MS = 50;

/**
 * Waits with the answer already begun. A server learns that a client has gone only when it writes to it, so while the
 * claim waits a space is written now and then, and once more before tasks are handed over: a client that has gone takes
 * none, and if they were taken already they are given back, their attempt not counted.
 */
function waitFor(
  { request, ctx, queue }: Call,
  claimed: Promise<ReturnType<typeof unmeasured>>,
  ticket: string,
): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const gone = new AbortController();
  const leave = (): void => {
    if (gone.signal.aborted) return;
    gone.abort();
    ctx.waitUntil(queue.leave(ticket));
  };
  if (request.signal.aborted) leave();
  request.signal.addEventListener("abort", leave);
  const beat = (): Promise<void> => writer.write(HEARTBEAT).catch(leave);
  let heartbeat: ReturnType<typeof setTimeout>;
  const beatAfter = (ms: number): void => {
    heartbeat = setTimeout(() => {
      void beat();
      beatAfter(Math.min(Math.max(2 * ms, FIRST_BEAT_MS), LONGEST_BEAT_MS));
    }, ms);
  };
  beatAfter(0);

  const handOver = async (): Promise<void> => {
    let tasks = NO_TASKS;
    try {
      // A wait that something else ends later (a pause, say) ends with nothing; the next claim is answered with the reason.
      const answer = await claimed;
      if (typeof answer === "string") tasks = answer;
      if (tasks !== NO_TASKS) {
        // A write is done when the one after it begins; what it met with is known a moment later, to the next.
        await beat();
        await beat();
        await scheduler.wait(1);
        await beat();
      }
      gone.signal.throwIfAborted();
      const bytes = new TextEncoder().encode(tasks);
      ADMISSION.hold("answers", bytes.byteLength);
      clearTimeout(heartbeat);
      await sendHeld(bytes, writer);
    } catch (error) {
      await writer.abort(error).catch(() => {});
      if (tasks !== NO_TASKS) await giveBack(queue, tasks);
    } finally {
      clearTimeout(heartbeat);
    }
  };
  ctx.waitUntil(handOver());
  return new Response(readable, { headers: { "content-type": "application/json" } });
}

async function giveBack(queue: Call["queue"], answer: string): Promise<void> {
  const { tasks } = JSON.parse(answer) as { readonly tasks: readonly { readonly claim: string }[] };
  await queue.operate("nack", nack.parse({ claims: tasks.map((task) => ({ claim: task.claim, release: true })) }));
}
