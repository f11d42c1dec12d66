// The pusher of a queue's object, if its owner has configured a consumer for the queue: its claims and settlements as
// operations on the queue, its calls by service binding.

import type { ClaimedTask } from "../core/task.ts";
import { backlogMetrics, type BacklogMetrics } from "../push/backlog-metrics.ts";
import { batchOf, refOf, settlementOf, settlementOfFailure, type PushTarget, type Settlement } from "../push/batch.ts";
import { parseConsumers, type PushConsumer } from "../push/consumer-config.ts";
import { ack } from "../queue/operations/ack.ts";
import { claim } from "../queue/operations/claim.ts";
import { configure } from "../queue/operations/configure.ts";
import { countReady } from "../queue/ready/count-ready.ts";
import { extend } from "../queue/operations/extend.ts";
import { nack } from "../queue/operations/nack.ts";
import type { QueueState } from "../queue/state.ts";
import { statsOf } from "../queue/stats.ts";
import { nextVisibleAt } from "../queue/sweep.ts";
import { Pusher, PUSH_CLAIM_MS, type PushPort } from "./pusher.ts";

/** The counts that ride on a batch may be this old: counting grows with the queue, pushing should not. */
const METRICS_AGE_MS = 1_000;
const CLAIMANT = "push";

/** What the pusher needs of its object beside the queue. */
export interface PushHost {
  now(): number;
  submit(apply: () => void): Promise<void>;
  background(work: Promise<void>): void;
}

/** null: no consumer is configured for this queue, or the configuration is wrong, which is logged. */
export function openPusher(queue: string, env: object, state: QueueState, host: PushHost): Pusher | null {
  const variables = env as Readonly<Record<string, unknown>>;
  const consumers = parseConsumers(variables["EDGEQ_CONSUMERS"]);
  if (consumers.kind === "invalid") {
    const { field, given, allowed } = consumers;
    console.error(`edgeq: nothing is pushed: ${field}: given ${JSON.stringify(given)}, allowed: ${allowed}`);
    return null;
  }
  const consumer = consumers.value.find((candidate) => candidate.queue === queue);
  if (consumer === undefined) return null;
  const target = variables[consumer.binding] as PushTarget | undefined;
  if (target === undefined) {
    console.error(`edgeq: queue ${queue} is not pushed: there is no service binding ${consumer.binding}`);
    return null;
  }
  return new Pusher(consumer, new QueuePort(consumer, target, state, host));
}

class QueuePort implements PushPort {
  readonly #consumer: PushConsumer;
  readonly #target: PushTarget;
  readonly #state: QueueState;
  readonly #host: PushHost;
  #isConfigured = false;
  #metrics: { readonly at: number; readonly metrics: BacklogMetrics } | null = null;

  constructor(consumer: PushConsumer, target: PushTarget, state: QueueState, host: PushHost) {
    this.#consumer = consumer;
    this.#target = target;
    this.#state = state;
    this.#host = host;
  }

  ready(limit: number, now: number) {
    if (!this.#isOffering(now)) return { count: 0, oldestAt: null };
    return countReady(this.#state, this.#consumer.lanes, limit, now);
  }

  nextVisibleAt(now: number): number | null {
    return this.#isOffering(now) ? nextVisibleAt(this.#state, now, this.#consumer.lanes) : null;
  }

  claim(max: number, now: number): ClaimedTask[] {
    const lanes = { inOrder: this.#consumer.lanes };
    const input = { max, lanes, claimTimeoutMs: PUSH_CLAIM_MS, claimant: CLAIMANT };
    const outcome = this.#state.transaction(() => claim(this.#state, input, now));
    return outcome.kind === "claimed" ? outcome.tasks : [];
  }

  async deliver(tasks: readonly ClaimedTask[]): Promise<() => void> {
    const outcome = await this.#target.deliver(batchOf(this.#consumer.queue, tasks, this.#recentMetrics()));
    const settlement = settlementOf(tasks, outcome, this.#consumer.retryDelayMs);
    return () => this.#settle(settlement);
  }

  failed(tasks: readonly ClaimedTask[], error: unknown): () => void {
    console.warn(`edgeq: a push of ${tasks.length} tasks to ${this.#consumer.binding} failed:`, error);
    const settlement = settlementOfFailure(tasks, error);
    return () => this.#settle(settlement);
  }

  extend(tasks: readonly ClaimedTask[]): void {
    const claims = tasks.map((task) => refOf(task.claim));
    this.#state.transaction(() => extend(this.#state, { claims, claimTimeoutMs: PUSH_CLAIM_MS }, this.#host.now()));
  }

  submit(apply: () => void): Promise<void> {
    return this.#host.submit(apply);
  }

  background(work: Promise<void>): void {
    this.#host.background(work);
  }

  #settle({ acks, nacks }: Settlement): void {
    const now = this.#host.now();
    this.#state.transaction(() => {
      if (acks.length > 0) ack(this.#state, { claims: acks }, now);
      if (nacks.length > 0) nack(this.#state, { claims: nacks }, now);
    });
  }

  /** The queue exists and is not paused. The first time it does, it is given the attempts and the dead letters of the consumer. */
  #isOffering(now: number): boolean {
    const queue = this.#state.existing();
    if (queue === null) return false;
    if (!this.#isConfigured) {
      this.#isConfigured = true;
      const maxAttempts = this.#consumer.maxRetries + 1;
      const deadLetterQueue = this.#consumer.deadLetterQueue ?? queue.settings.deadLetterQueue;
      if (queue.settings.maxAttempts !== maxAttempts || queue.settings.deadLetterQueue !== deadLetterQueue) {
        const settings = { maxAttempts, deadLetterQueue };
        this.#state.transaction(() => configure(this.#state, { settings }, now, queue.name));
      }
    }
    return !queue.settings.paused;
  }

  #recentMetrics(): BacklogMetrics {
    const now = this.#host.now();
    if (this.#metrics === null || now - this.#metrics.at >= METRICS_AGE_MS) {
      this.#metrics = { at: now, metrics: backlogMetrics(statsOf(this.#state, now), now) };
    }
    return this.#metrics.metrics;
  }
}
