// Which consumers are pushed to, as the owner configures them in the variable EDGEQ_CONSUMERS: one entry a queue, in the
// words of wrangler's [[queues.consumers]], beside the name of the service binding to call.

import { DEFAULT_LANE, LANE_NAME, LIMITS, QUEUE_NAME } from "../core/limits.ts";
import { Fields, matching } from "../api/fields.ts";
import { Invalid, parsed, type Parsed } from "../api/invalid.ts";
import { parseJson } from "../api/json.ts";

export interface PushConsumer {
  readonly queue: string;
  /** Name of the service binding, in this Worker's wrangler.toml, to the entrypoint made by `queueConsumer`. */
  readonly binding: string;
  /** 1 to 100, default 10. */
  readonly maxBatchSize: number;
  /** How long the oldest ready task waits for its batch to fill. ms, 0 to 60,000, default 5,000. */
  readonly maxBatchTimeoutMs: number;
  /** Attempts beyond the first. 0 to 100, default 3. */
  readonly maxRetries: number;
  /** undefined: as the queue's settings have it. */
  readonly deadLetterQueue: string | undefined;
  /** Before a retry that names no delay of its own. ms, 0 to 24 h, default 0. */
  readonly retryDelayMs: number;
  /** Batches under way at one time. 1 to 250, default 10. */
  readonly maxConcurrency: number;
  /** In order of preference; default: the default lane. */
  readonly lanes: readonly string[];
}

/** Queues with a consumer; each is a service binding. */
const CONSUMERS = 1_000;

const FIELDS = [
  "queue",
  "binding",
  "max_batch_size",
  "max_batch_timeout",
  "max_retries",
  "dead_letter_queue",
  "retry_delay",
  "max_concurrency",
  "lanes",
];

/**
 * @param variable an array, or its JSON; absent or empty: nobody is pushed to
 * @returns the consumers, or which field of which entry is wrong
 */
export function parseConsumers(variable: unknown): Parsed<PushConsumer[]> {
  return parsed(() => {
    if (variable === undefined || variable === null || variable === "") return [];
    const value = typeof variable === "string" ? parseJson(variable, "EDGEQ_CONSUMERS") : variable;
    if (!Array.isArray(value) || value.length > CONSUMERS) {
      throw new Invalid("EDGEQ_CONSUMERS", value, `an array of at most ${CONSUMERS} consumers`);
    }
    const consumers = value.map((item, index) => parseConsumer(item, `EDGEQ_CONSUMERS[${index}]`));
    for (const [index, { queue }] of consumers.entries()) {
      if (consumers.findIndex((other) => other.queue === queue) === index) continue;
      throw new Invalid(`EDGEQ_CONSUMERS[${index}].queue`, queue, "each queue once");
    }
    return consumers;
  });
}

function parseConsumer(value: unknown, path: string): PushConsumer {
  const fields = new Fields(value, path);
  const queue = matching(fields.take("queue"), fields.pathOf("queue"), QUEUE_NAME);
  const binding = matching(fields.take("binding"), fields.pathOf("binding"), /^[A-Za-z_$][\w$]{0,127}$/);
  const seconds = (name: string, max: number): number | undefined =>
    fields.integer(name, { min: 0, max, unit: "seconds" });
  const consumer: PushConsumer = {
    queue,
    binding,
    maxBatchSize: fields.integer("max_batch_size", { min: 1, max: 100 }) ?? 10,
    maxBatchTimeoutMs: (seconds("max_batch_timeout", 60) ?? 5) * 1_000,
    maxRetries: fields.integer("max_retries", { min: 0, max: 100 }) ?? 3,
    deadLetterQueue: fields.matching("dead_letter_queue", QUEUE_NAME),
    retryDelayMs: (seconds("retry_delay", 86_400) ?? 0) * 1_000,
    maxConcurrency: fields.integer("max_concurrency", { min: 1, max: 250 }) ?? 10,
    lanes: fields.array("lanes", LIMITS.claimLanes, (lane, at) => matching(lane, at, LANE_NAME)) ?? [DEFAULT_LANE],
  };
  if (consumer.deadLetterQueue === queue) fields.refuse("dead_letter_queue", "the name of another queue");
  fields.end(FIELDS);
  return consumer;
}
