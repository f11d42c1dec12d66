// Which consumers are pushed to, as the owner configures them in the variable EDGEQ_CONSUMERS: one entry a queue, in the
// words of wrangler's [[queues.consumers]], beside the name of the service binding to call.

import { DEFAULT_LANE, LIMITS } from "../core/limits.ts";
import { Invalid, parsed, type Parsed } from "../api/invalid.ts";
import { parseJson } from "../api/json.ts";
import { arrayOf } from "../api/schema/lists.ts";
import { laneName, queueName } from "../api/schema/names.ts";
import { defaulted, object, optional, required } from "../api/schema/object.ts";
import { integer, matching } from "../api/schema/scalars.ts";

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

const seconds = (max: number): ReturnType<typeof integer> => integer({ min: 0, max, unit: "seconds" });

/** An entry as it is written. */
const entry = object(
  {
    queue: required(queueName),
    binding: required(matching(/^[A-Za-z_$][\w$]{0,127}$/)),
    max_batch_size: defaulted(integer({ min: 1, max: 100 }), 10),
    max_batch_timeout: defaulted(seconds(60), 5),
    max_retries: defaulted(integer({ min: 0, max: 100 }), 3),
    dead_letter_queue: optional(queueName),
    retry_delay: defaulted(seconds(86_400), 0),
    max_concurrency: defaulted(integer({ min: 1, max: 250 }), 10),
    lanes: defaulted(arrayOf(laneName, LIMITS.claimLanes, "items"), [DEFAULT_LANE]),
  },
  (given, refuse): PushConsumer => {
    if (given.dead_letter_queue === given.queue) refuse("dead_letter_queue", "the name of another queue");
    return {
      queue: given.queue,
      binding: given.binding,
      maxBatchSize: given.max_batch_size,
      maxBatchTimeoutMs: given.max_batch_timeout * 1_000,
      maxRetries: given.max_retries,
      deadLetterQueue: given.dead_letter_queue,
      retryDelayMs: given.retry_delay * 1_000,
      maxConcurrency: given.max_concurrency,
      lanes: given.lanes,
    };
  },
);

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
    const consumers = value.map((item, index) => entry.parse(item, `EDGEQ_CONSUMERS[${index}]`));
    for (const [index, { queue }] of consumers.entries()) {
      if (consumers.findIndex((other) => other.queue === queue) === index) continue;
      throw new Invalid(`EDGEQ_CONSUMERS[${index}].queue`, queue, "each queue once");
    }
    return consumers;
  });
}
