// A Worker written for Cloudflare Queues and for nothing else: a producer, and a consumer that does with each message as the
// message says. What it sees it tells the service LOG. Nothing in it knows of edgeq.

import type { Instruction, Observation, SampleName, Sending, Step } from "../../binding/parity-script.ts";

interface Env {
  readonly LOG: Fetcher;
  readonly [binding: `Q_${string}`]: Queue;
}

const SAMPLES = {
  text: { body: "plain ☂", contentType: "text" },
  bytes: { body: new Uint8Array([0, 127, 255]), contentType: "bytes" },
  json: { body: { n: 1, at: new Date(5), gone: undefined }, contentType: "json" },
  v8: {
    body: new Map<unknown, unknown>([
      ["at", new Date(5)],
      ["set", new Set([1n])],
      ["odd", [undefined, Number.NaN]],
    ]),
    contentType: "v8",
  },
} as const satisfies Record<SampleName, MessageSendRequest>;

export default {
  async fetch(request, env) {
    const { queue, sample, messages = [], delaySeconds } = await request.json<Sending>();
    const binding = env[`Q_${queue}`];
    if (binding === undefined) return new Response("no such queue", { status: 404 });
    if (sample !== undefined) {
      const { body, contentType } = SAMPLES[sample];
      await binding.send(body, { contentType });
      return new Response("sent");
    }
    const batch = messages.map((body) => ({ body }));
    const sent = await binding.sendBatch(batch, delaySeconds === undefined ? {} : { delaySeconds });
    return Response.json(typeof sent.metadata.metrics.backlogCount);
  },

  async queue(batch, env, ctx) {
    const messages = batch.messages.map(({ body, attempts }) => ({
      key: keyOf(body),
      attempts,
      body: described(body),
    }));
    const observation: Observation = { queue: batch.queue, at: Date.now(), messages };
    await env.LOG.fetch("http://log/", { method: "POST", body: JSON.stringify(observation) });
    let isFailing = false;
    for (const message of batch.messages) {
      for (const step of stepsOf(message.body, message.attempts)) {
        if (step === "ack") message.ack();
        if (step === "retry") message.retry();
        if (step === "retry in 1 s") message.retry({ delaySeconds: 1 });
        if (step === "ack all") batch.ackAll();
        if (step === "retry all") batch.retryAll();
        if (step === "retry all in 1 s") batch.retryAll({ delaySeconds: 1 });
        if (step === "throw") isFailing = true;
        if (step === "reject in waitUntil") ctx.waitUntil(Promise.reject(new Error("left work failed")));
      }
    }
    if (isFailing) throw new Error("the handler failed");
  },
} satisfies ExportedHandler<Env>;

function isInstruction(body: unknown): body is Instruction {
  return typeof body === "object" && body !== null && "plan" in body;
}

function stepsOf(body: unknown, attempts: number): readonly Step[] {
  return isInstruction(body) ? (body.plan[attempts - 1] ?? []) : [];
}

function keyOf(body: unknown): string {
  return isInstruction(body) ? body.key : "sample";
}

/** What a consumer can tell of a body: its kind, and its content all the way down. */
function described(body: unknown): string {
  if (isInstruction(body)) return "an instruction";
  const kind = Object.prototype.toString.call(body).slice(8, -1);
  if (body instanceof ArrayBuffer) return `${kind} ${new Uint8Array(body).join(" ")}`;
  if (body instanceof Date) return `${kind} ${body.getTime()}`;
  if (typeof body !== "object" || body === null) return `${kind} ${String(body)}`;
  const isList = Array.isArray(body) || body instanceof Map || body instanceof Set;
  const members = isList
    ? Array.from(body as Iterable<unknown>, described)
    : Object.entries(body).map(([name, member]) => `${name}: ${described(member)}`);
  return `${kind} { ${members.join(", ")} }`;
}
