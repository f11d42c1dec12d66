// The entrypoint that stands in for a producer's Queues binding: the same `Queue` interface, so that a producer moves over
// by changing the binding in its wrangler.toml. It knows Cloudflare's words; what it writes are plain tasks.

import { WorkerEntrypoint } from "cloudflare:workers";
import { LIMITS } from "../core/limits.ts";
import type { ObjectBindings } from "../object/object-bindings.ts";
import { queueStub } from "../object/queue-stub.ts";
import { backlogMetrics } from "../push/backlog-metrics.ts";
import { CLOUDFLARE_LIMITS, tasksOf, type SendLimits, type SendRequest } from "../push/send-request.ts";
import { invalidText, parsed } from "../api/invalid.ts";
import { isRefusal, refusalProblem } from "../api/refusal-problem.ts";
import { queueName } from "../api/schema/names.ts";
import { defaulted, object, required } from "../api/schema/object.ts";
import { boolean, integer, oneOf } from "../api/schema/scalars.ts";
import { sendNumbered } from "./numbered-send.ts";

/** Set in the binding's `props`; the words are those of `[[queues.producers]]`. */
export interface CloudflareQueueProps {
  readonly queue: string;
  /** Seconds, 0 to 86,400, default 0: for messages that name no delay of their own. */
  readonly delivery_delay?: number;
  /** Default "cloudflare": 128 KB a message, 100 messages and 256 KB a batch, 24 h of delay. "edgeq": this queue's own bounds. */
  readonly limits?: "cloudflare" | "edgeq";
  /**
   * Default true: calls are numbered, so that one whose answer is lost is made again and counts once, for one row a call. False:
   * such a call fails, and its messages may be there.
   */
  readonly idempotent?: boolean;
}

const EDGEQ_LIMITS: SendLimits = {
  messageBytes: LIMITS.payloadBytes,
  batchMessages: LIMITS.batchTasks,
  // Each of their characters may take two bytes on the way.
  batchBytes: LIMITS.carriedBytes / 2,
  delaySeconds: LIMITS.delayMs / 1_000,
};

/** The metrics that ride on each `send` may be this old: counting is the queue's work, sending should not wait for it. */
const METRICS_AGE_MS = 1_000;
const METRICS_KEPT = 1_000;
/** Values, not promises: a promise of one request must not be waited for by another. */
const recentMetrics = new Map<string, { readonly at: number; readonly metrics: QueueMetrics }>();
const NO_METRICS: QueueMetrics = { backlogCount: 0, backlogBytes: 0 };

interface Producer {
  readonly queue: string;
  readonly delay: number;
  readonly limits: SendLimits;
  readonly isIdempotent: boolean;
}

/**
 * A `Queue` of Cloudflare's own interface over an edgeq queue. Methods throw as the Queues binding does: TypeError and
 * RangeError for bad input, Error when the queue refuses.
 */
export class CloudflareQueue extends WorkerEntrypoint<ObjectBindings, CloudflareQueueProps> implements Queue {
  /** Resolves when the message is on disk. */
  async send(message: unknown, options: QueueSendOptions = {}): Promise<QueueSendResponse> {
    return this.#send([{ ...options, body: message }]);
  }

  /** Resolves when all messages are on disk; on any error none is. Over RPC the messages must be an array or a Set. */
  async sendBatch(
    messages: Iterable<MessageSendRequest>,
    options: QueueSendBatchOptions = {},
  ): Promise<QueueSendBatchResponse> {
    return this.#send(
      Array.from(messages, (message) => ({ ...message, delaySeconds: message.delaySeconds ?? options.delaySeconds })),
    );
  }

  /** Counted now; what each number means: push/backlog-metrics.ts. */
  async metrics(): Promise<QueueMetrics> {
    return metricsOf(this.env, producerOf(this.ctx.props).queue);
  }

  async #send(requests: readonly SendRequest[]): Promise<QueueSendResponse> {
    const { queue, delay, limits, isIdempotent } = producerOf(this.ctx.props);
    const tasks = tasksOf(requests, delay, limits);
    const [outcome, metrics] = await Promise.all([
      isIdempotent
        ? sendNumbered(queue, () => queueStub(this.env, queue), tasks)
        : queueStub(this.env, queue).operate("enqueue", { tasks }),
      recentMetricsOf(this.env, queue),
    ]);
    if (isRefusal(outcome)) throw new Error(`Queue send failed: ${refusalProblem(outcome).detail}`);
    return { metadata: { metrics } };
  }
}

const LIMITS_BY_NAME = { cloudflare: CLOUDFLARE_LIMITS, edgeq: EDGEQ_LIMITS } as const;

const PROPS = object(
  {
    queue: required(queueName, "", "the name of the queue; it is required"),
    delivery_delay: defaulted(integer({ min: 0, max: EDGEQ_LIMITS.delaySeconds, unit: "seconds" }), 0),
    limits: defaulted(oneOf("cloudflare", "edgeq"), "cloudflare"),
    idempotent: defaulted(boolean(), true),
  },
  ({ queue, delivery_delay: delay, limits: name, idempotent: isIdempotent }, refuse): Producer => {
    const limits = LIMITS_BY_NAME[name];
    if (delay > limits.delaySeconds)
      refuse("delivery_delay", integer({ min: 0, max: limits.delaySeconds, unit: "seconds" }).allowed);
    return { queue, delay, limits, isIdempotent };
  },
);

function producerOf(props: unknown): Producer {
  const producer = parsed(() => PROPS.parse(props ?? {}, "props"));
  if (producer.kind === "parsed") return producer.value;
  throw new Error(invalidText({ ...producer, field: `${producer.field} of the binding to CloudflareQueue` }));
}

/** Never rejects: the message is sent, whatever becomes of the count. */
async function recentMetricsOf(env: ObjectBindings, queue: string): Promise<QueueMetrics> {
  const now = Date.now();
  const recent = recentMetrics.get(queue);
  if (recent !== undefined && now - recent.at < METRICS_AGE_MS) return recent.metrics;
  try {
    const metrics = await metricsOf(env, queue);
    if (recentMetrics.size >= METRICS_KEPT) recentMetrics.clear();
    recentMetrics.set(queue, { at: now, metrics });
    return metrics;
  } catch (error) {
    console.warn("edgeq: the metrics of a sent message are unknown:", error);
    return recent?.metrics ?? NO_METRICS;
  }
}

async function metricsOf(env: ObjectBindings, queue: string): Promise<QueueMetrics> {
  const outcome = await queueStub(env, queue).operate("getQueue", null);
  if (outcome.kind === "queue-not-found") return NO_METRICS;
  if (isRefusal(outcome)) throw new Error(`Queue metrics failed: ${refusalProblem(outcome).detail}`);
  return backlogMetrics(outcome.queue.stats, Date.now());
}
