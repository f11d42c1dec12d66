// The pusher of a queue's object, if its owner has configured a consumer for the queue: its claims and settlements as
// operations on the queue, its calls by service binding.

import { invalidText } from "../api/invalid.ts";
import { LIMITS } from "../core/limits.ts";
import { backlogMetrics, type BacklogMetrics } from "../push/backlog-metrics.ts";
import { batchOf, refOf, settlementOf, settlementOfFailure, type PushTarget, type Settlement } from "../push/batch.ts";
import { parseConsumers, type PushConsumer } from "../push/consumer-config.ts";
import { LATER, type Queue, type Ready, type Turn } from "../queue/queue.ts";
import { Pusher, PUSH_CLAIM_MS, type InTurn, type PushedTasks, type PushPort } from "./pusher.ts";

/** The counts that ride on a batch may be this old: they are asked for once a second, not once a batch. */
const METRICS_AGE_MS = 1_000;
const CLAIMANT = "push";

/** Follows the queue's turns from now on. null: no consumer is configured for this queue, or the configuration is wrong, which is logged. */
export function openPusher(
  queueName: string,
  env: object,
  queue: Queue,
  background: (work: Promise<void>) => void,
): Pusher | null {
  const variables = env as Readonly<Record<string, unknown>>;
  const consumers = parseConsumers(variables["EDGEQ_CONSUMERS"]);
  if (consumers.kind === "invalid") {
    console.error(`edgeq: nothing is pushed: ${invalidText(consumers)}`);
    return null;
  }
  const consumer = consumers.value.find((candidate) => candidate.queue === queueName);
  if (consumer === undefined) return null;
  const target = variables[consumer.binding] as PushTarget | undefined;
  if (target === undefined) {
    console.error(`edgeq: queue ${queueName} is not pushed: there is no service binding ${consumer.binding}`);
    return null;
  }
  const pusher = new Pusher(consumer, new QueuePort(consumer, target, queue, background));
  queue.follow(
    "push",
    (turn) => pusher.turn(turn),
    () => pusher.nextAt,
  );
  return pusher;
}

/** Cloudflare says the same of a queue whose metrics it does not know. */
const NOT_COUNTED: BacklogMetrics = { backlogCount: 0, backlogBytes: 0 };

class QueuePort implements PushPort {
  readonly #consumer: PushConsumer;
  readonly #target: PushTarget;
  readonly #queue: Queue;
  readonly background: (work: Promise<void>) => void;
  /** The life of the queue that was given the attempts and the dead letters of the consumer. */
  #configuredLife: number | null = null;
  #metrics: { readonly at: number; readonly metrics: BacklogMetrics } | null = null;

  constructor(consumer: PushConsumer, target: PushTarget, queue: Queue, background: (work: Promise<void>) => void) {
    this.#consumer = consumer;
    this.#target = target;
    this.#queue = queue;
    this.background = background;
  }

  ready(turn: Turn, limit: number): Ready {
    return this.#isOffering(turn) ? turn.ready(this.#consumer.lanes, limit) : { count: 0, oldestAt: null };
  }

  nextVisibleAt(turn: Turn): number | null {
    return this.#isOffering(turn) ? turn.nextVisibleAt(this.#consumer.lanes) : null;
  }

  claim(turn: Turn, max: number): PushedTasks {
    if (!turn.mayGive()) return { tasks: [], metrics: NOT_COUNTED, bytes: 0 };
    const lanes = { inOrder: this.#consumer.lanes };
    const bounds = { max, maxBytes: LIMITS.pushBatchBytes };
    const outcome = turn.operate("claim", { ...bounds, lanes, claimTimeoutMs: PUSH_CLAIM_MS, claimant: CLAIMANT });
    // So much has run out that it goes on in the next turn.
    if (outcome === LATER) this.#followUp(turn);
    const tasks = outcome !== LATER && outcome.kind === "claimed" ? outcome.tasks : [];
    const bytes = tasks.reduce((sum, { payload }) => sum + payload.length, 0);
    return { tasks, metrics: this.#recentMetrics(turn), bytes };
  }

  hasRoomBeside(bytes: number): boolean {
    // The last task of a batch may be one of the largest.
    return this.#queue.held.pushes.hasRoomFor(bytes + LIMITS.pushBatchBytes + LIMITS.payloadBytes);
  }

  hold(bytes: number): void {
    this.#queue.held.pushes.hold(bytes);
  }

  release(bytes: number): void {
    this.#queue.held.pushes.release(bytes);
  }

  async deliver({ tasks, metrics }: PushedTasks): Promise<InTurn> {
    const outcome = await this.#target.deliver(batchOf(this.#consumer.queue, tasks, metrics));
    return settled(settlementOf(tasks, outcome, this.#consumer.retryDelayMs));
  }

  failed({ tasks }: PushedTasks, error: unknown): InTurn {
    console.warn(`edgeq: a push of ${tasks.length} tasks to ${this.#consumer.binding} failed:`, error);
    return settled(settlementOfFailure(tasks, error));
  }

  extend({ tasks }: PushedTasks): InTurn {
    const claims = tasks.map((task) => refOf(task.claim));
    return (turn) => void turn.operate("extend", { claims, claimTimeoutMs: PUSH_CLAIM_MS });
  }

  /** Whatever waits for its turn, it is not refused as a request is: a batch whose end is not recorded would be worked on again. */
  submit(apply: InTurn): Promise<void> {
    return new Promise((resolve, reject) => {
      const job = (turn: Turn): typeof LATER | void => {
        if (apply(turn) === LATER) return LATER;
        turn.afterCommit(resolve);
        return undefined;
      };
      this.#queue.add("push", job, reject);
    });
  }

  /** The queue exists, is not paused, and has been configured. */
  #isOffering(turn: Turn): boolean {
    const settings = turn.settings();
    return settings !== null && this.#isConfigured(turn, settings) && !settings.paused;
  }

  /** Each life of the queue is given the attempts and the dead letters of the consumer. False: in a later turn, once all is counted. */
  #isConfigured(turn: Turn, settings: NonNullable<ReturnType<Turn["settings"]>>): boolean {
    const { createdAt } = settings;
    if (this.#configuredLife === createdAt) return true;
    const maxAttempts = this.#consumer.maxRetries + 1;
    const deadLetterQueue = this.#consumer.deadLetterQueue ?? settings.deadLetterQueue;
    if (settings.maxAttempts !== maxAttempts || settings.deadLetterQueue !== deadLetterQueue) {
      const outcome = turn.operate("configure", { settings: { maxAttempts, deadLetterQueue } });
      if (outcome === LATER) {
        this.#followUp(turn);
        return false;
      }
    }
    // A turn that fails has configured nothing.
    turn.afterCommit(() => void (this.#configuredLife = createdAt));
    return true;
  }

  /** Another turn follows, at whose end it is asked again. */
  #followUp(turn: Turn): void {
    turn.afterCommit(() => this.background(this.submit(() => {})));
  }

  #recentMetrics(turn: Turn): BacklogMetrics {
    if (this.#metrics === null || turn.now - this.#metrics.at >= METRICS_AGE_MS) {
      const stats = turn.stats();
      if (stats !== null) this.#metrics = { at: turn.now, metrics: backlogMetrics(stats, turn.now) };
    }
    return this.#metrics?.metrics ?? NOT_COUNTED;
  }
}

/** Records what became of a batch, in as many turns as that takes. */
function settled(settlement: Settlement): InTurn {
  return (turn) => (turn.operate("settle", settlement) === LATER ? LATER : undefined);
}
