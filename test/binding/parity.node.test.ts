// The promise of the migration: a Worker written for Cloudflare Queues, fed by edgeq, sees what it saw before. Each scenario
// runs on the simulator of Cloudflare Queues and on edgeq at the same time; what the consumer saw is held to what Cloudflare
// documents (Queues: JavaScript APIs; Batching, Retries and Delays; Dead Letter Queues).

import { beforeAll, describe, expect, test } from "vitest";
import { onCloudflare, onEdgeq, type ConsumerSettings, type Platform } from "./parity-platforms.ts";
import type { Instruction, Observation, Sending, Step } from "./parity-script.ts";

interface Scenario {
  readonly fact: string;
  readonly settings?: Omit<ConsumerSettings, "queue">;
  readonly send: readonly Omit<Sending, "queue">[];
  /** One text a batch, in order: each message's key and attempt. */
  readonly seen: readonly string[];
  /** What the simulator does where it does not do what is documented. Held too, so that its mending is noticed. */
  readonly seenOnSimulator?: readonly string[];
  /** The same of the dead-letter queue. */
  readonly dead?: readonly string[];
}

/** A message that asks for these steps at its first attempt, these at its second, and is left alone from then on. */
function message(key: string, ...plan: readonly (readonly Step[])[]): Instruction {
  return { key, plan };
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  returns: {
    fact: "a handler that returns acks the whole batch",
    send: [{ messages: [message("a"), message("b")] }],
    seen: ["a1 b1"],
  },
  throws: {
    fact: "an uncaught error retries the whole batch",
    send: [{ messages: [message("a", ["throw"]), message("b")] }],
    seen: ["a1 b1", "a2 b2"],
  },
  "left-work": {
    fact: "a rejection in waitUntil retries the whole batch",
    send: [{ messages: [message("a", ["reject in waitUntil"]), message("b")] }],
    seen: ["a1 b1", "a2 b2"],
  },
  "retry-one": {
    fact: "retry() brings back its message and no other",
    send: [{ messages: [message("a", ["retry"]), message("b")] }],
    seen: ["a1 b1", "a2"],
  },
  "ack-then-retry": {
    fact: "ack() before retry() wins",
    send: [{ messages: [message("a", ["ack", "retry"])] }],
    seen: ["a1"],
  },
  "retry-then-ack": {
    fact: "retry() before ack() wins",
    send: [{ messages: [message("a", ["retry", "ack"])] }],
    seen: ["a1", "a2"],
  },
  "ack-all": {
    fact: "ackAll() acks the batch",
    send: [{ messages: [message("a", ["ack all"]), message("b")] }],
    seen: ["a1 b1"],
  },
  "retry-all": {
    fact: "retryAll() retries the batch",
    send: [{ messages: [message("a", ["retry all"]), message("b")] }],
    seen: ["a1 b1", "a2 b2"],
  },
  "retry-all-then-ack-all": {
    fact: "retryAll() before ackAll() wins",
    send: [{ messages: [message("a", ["retry all", "ack all"]), message("b")] }],
    seen: ["a1 b1", "a2 b2"],
  },
  "retry-before-ack-all": {
    fact: "retry() of a message goes before ackAll()",
    send: [{ messages: [message("a", ["retry", "ack all"]), message("b")] }],
    seen: ["a1 b1", "a2"],
  },
  "ack-before-retry-all": {
    fact: "ack() of a message goes before retryAll()",
    send: [{ messages: [message("a", ["ack", "retry all"]), message("b")] }],
    seen: ["a1 b1", "b2"],
    seenOnSimulator: ["a1 b1", "a2 b2"],
  },
  "ack-before-throw": {
    fact: "an acked message does not come back when the handler throws",
    send: [{ messages: [message("a", ["ack", "throw"]), message("b")] }],
    seen: ["a1 b1", "b2"],
    seenOnSimulator: ["a1 b1", "a2 b2"],
  },
  "ack-all-before-throw": {
    fact: "ackAll() holds when the handler throws",
    send: [{ messages: [message("a", ["ack all", "throw"]), message("b")] }],
    seen: ["a1 b1"],
    seenOnSimulator: ["a1 b1", "a2 b2"],
  },
  dead: {
    fact: "after max_retries a message is a dead letter, and begins there at its first attempt",
    settings: { max_retries: 2 },
    send: [{ messages: [message("a", ["retry"], ["throw"], ["retry"])] }],
    seen: ["a1", "a2", "a3"],
    dead: ["a1", "a2", "a3", "a4"],
  },
  "no-retries": {
    fact: "with max_retries 0 the first failure is the last",
    settings: { max_retries: 0 },
    send: [{ messages: [message("a", ["throw"], ["throw"]), message("b")] }],
    seen: ["a1 b1"],
    dead: ["a1 b1", "a2 b2", "a3 b3"],
  },
  "batch-size": {
    fact: "a batch holds max_batch_size messages at most",
    settings: { max_batch_size: 2, max_concurrency: 1 },
    send: [{ messages: [message("a"), message("b"), message("c"), message("d")] }],
    seen: ["a1 b1", "c1 d1"],
  },
  "batch-timeout": {
    fact: "a batch is delivered when max_batch_timeout is over, full or not, with all that came meanwhile",
    settings: { max_batch_timeout: 3 },
    send: [{ messages: [message("a")] }, { messages: [message("b")] }],
    seen: ["a1 b1"],
  },
  text: { fact: "text arrives as a string", send: [{ sample: "text" }], seen: ["sample1 String plain ☂"] },
  bytes: {
    fact: "bytes arrive as an ArrayBuffer",
    send: [{ sample: "bytes" }],
    seen: ["sample1 ArrayBuffer 0 127 255"],
  },
  json: {
    fact: "json arrives as JSON carries it",
    send: [{ sample: "json" }],
    seen: ["sample1 Object { n: Number 1, at: String 1970-01-01T00:00:00.005Z }"],
  },
  v8: {
    fact: "v8 arrives as structured clone carries it",
    send: [{ sample: "v8" }],
    seen: [
      "sample1 Map { Array { String at, Date 5 }, Array { String set, Set { BigInt 1 } }, " +
        "Array { String odd, Array { Undefined undefined, Number NaN } } }",
    ],
  },
  "delayed-send": {
    fact: "delaySeconds of a send is waited for",
    settings: { max_batch_timeout: 0 },
    send: [{ messages: [message("a")], delaySeconds: 1 }],
    seen: ["a1"],
  },
  "delayed-retry": {
    fact: "delaySeconds of a retry is waited for",
    settings: { max_batch_timeout: 0 },
    send: [{ messages: [message("a", ["retry in 1 s"])] }],
    seen: ["a1", "a2"],
  },
  "delayed-retry-all": {
    fact: "delaySeconds of retryAll() is waited for",
    settings: { max_batch_timeout: 0 },
    send: [{ messages: [message("a", ["retry all in 1 s"])] }],
    seen: ["a1", "a2"],
  },
  "retry-delay": {
    fact: "retry_delay is waited for where no delay is named",
    settings: { max_batch_timeout: 0, retry_delay: 1 },
    send: [{ messages: [message("a", ["throw"])] }],
    seen: ["a1", "a2"],
  },
};

/** Batches are full at two messages, so that a pair is delivered at once; a message left alone waits a second. */
const SETTINGS = { max_batch_size: 2, max_batch_timeout: 1, max_retries: 3 };

/** The dead-letter queue of "dead" retries each letter, which tells how its attempts are counted. */
const DEAD_SETTINGS = { max_batch_size: 2, max_batch_timeout: 0, max_retries: 3 };

const CONSUMERS: readonly ConsumerSettings[] = Object.entries(SCENARIOS).flatMap(([name, { settings, dead }]) => {
  const consumer = { ...SETTINGS, ...settings, queue: name };
  if (dead === undefined) return [consumer];
  return [
    { ...consumer, dead_letter_queue: `${name}-dead` },
    { ...DEAD_SETTINGS, queue: `${name}-dead` },
  ];
});

/** Nothing more comes once this long has passed without anything, three times the longest wait of a scenario. ms. */
const QUIET_MS = 6_000;
const LIMIT_MS = 120_000;

class Run {
  readonly observations: Observation[] = [];
  readonly sentAt: Record<string, number> = {};
  #lastAt = Date.now();

  readonly observe = (observation: Observation): void => {
    this.observations.push(observation);
    this.#lastAt = Date.now();
  };

  async play(platform: Platform): Promise<void> {
    for (const [queue, { send }] of Object.entries(SCENARIOS)) {
      this.sentAt[queue] = Date.now();
      for (const sending of send) await platform.send({ ...sending, queue });
    }
    const limitAt = Date.now() + LIMIT_MS;
    this.#lastAt = Date.now();
    while (Date.now() - this.#lastAt < QUIET_MS) {
      if (Date.now() > limitAt) throw new Error(`batches still come after ${LIMIT_MS} ms`);
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }

  seenIn(queue: string): string[] {
    return this.#of(queue).map(({ messages }) =>
      messages
        .map(({ key, attempts, body }) => `${key}${attempts}${body === "an instruction" ? "" : ` ${body}`}`)
        .join(" "),
    );
  }

  /** When each batch was seen, from the sending on. ms. */
  timesIn(queue: string): number[] {
    return this.#of(queue).map(({ at }) => at - (this.sentAt[queue] ?? 0));
  }

  #of(queue: string): Observation[] {
    return this.observations.filter((observation) => observation.queue === queue);
  }
}

const cloudflare = new Run();
const edgeq = new Run();

beforeAll(async () => {
  const platforms = await Promise.all([onCloudflare(CONSUMERS, cloudflare.observe), onEdgeq(CONSUMERS, edgeq.observe)]);
  try {
    await Promise.all([cloudflare, edgeq].map((run, index) => run.play(platforms[index] as Platform)));
  } finally {
    await Promise.all(platforms.map((platform) => platform.stop()));
  }
}, LIMIT_MS + 60_000);

describe.each(Object.entries(SCENARIOS))("%s", (queue, scenario) => {
  test(`${scenario.fact}: on edgeq`, () => {
    expect(edgeq.seenIn(queue)).toEqual(scenario.seen);
    expect(edgeq.seenIn(`${queue}-dead`)).toEqual(scenario.dead ?? []);
  });

  test(`${scenario.fact}: on the simulator`, () => {
    expect(cloudflare.seenIn(queue)).toEqual(scenario.seenOnSimulator ?? scenario.seen);
    expect(cloudflare.seenIn(`${queue}-dead`)).toEqual(scenario.dead ?? []);
  });
});

test("delays are waited out on both, in full", () => {
  for (const run of [cloudflare, edgeq]) {
    expect(run.timesIn("delayed-send")[0]).toBeGreaterThanOrEqual(1_000);
    for (const queue of ["delayed-retry", "delayed-retry-all", "retry-delay"]) {
      const [first = 0, second = 0] = run.timesIn(queue);
      expect(second - first).toBeGreaterThanOrEqual(1_000);
    }
  }
});
