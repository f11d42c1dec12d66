// Tasks by socket: the server pushes them under credit, with long polls in its place where no socket can be had.

import { BATCH_TASKS } from "../protocol/call-limits.ts";
import type { Clock } from "../client/clock.ts";
import { UnreachableError } from "../client/edgeq-error.ts";
import { onAbort } from "../client/on-abort.ts";
import type { ClaimedTask } from "../client/task.ts";
import type { WireNackItem } from "../protocol/wire-operations.ts";
import type { WireClaimedTask } from "../protocol/wire-task.ts";
import type { LongPollSettings } from "./long-poll-source.ts";
import {
  frameText,
  MAX_BODY_LENGTH,
  WITHOUT_DEAF_SOCKET_MS,
  WITHOUT_SOCKET_MS,
  type ChannelEvents,
  type SocketChannel,
} from "../client/socket-channel.ts";
import type { Control, NackedTask, Settled, TaskSource } from "./task-source.ts";

/** How a socket is opened: SocketChannel.open with its endpoint, or what a test puts in its place. */
export type OpenChannel = (
  events: ChannelEvents,
  signal: AbortSignal,
) => Promise<Pick<SocketChannel, "request" | "close" | "isOpen">>;

/** Makes tasks of pushed ones. */
type Accept<Payload> = (tasks: readonly WireClaimedTask[]) => Promise<ClaimedTask<Payload>[]>;

/** The most credit that a socket may have. */
const MAX_CREDIT = BATCH_TASKS;

type Channel = Awaited<ReturnType<OpenChannel>>;

export class SocketSource<Payload> implements TaskSource<Payload> {
  readonly #open: OpenChannel;
  readonly #accept: Accept<Payload>;
  readonly #poll: TaskSource<Payload>;
  readonly #settings: Omit<LongPollSettings, "waitMs">;
  readonly #clock: Clock;
  #channel: Channel | null = null;
  #credit = 0;
  #isResting = false;
  /** Pushed, and not yet taken. */
  #pushed: ClaimedTask<Payload>[] = [];
  /** Pushed, and being made out. */
  readonly #arriving = new Set<Promise<void>>();
  /**
   * What came over the present socket and is held, which is what the server counts against its credit. What came over an earlier one, or
   * by a poll, it does not count.
   */
  #over = new Set<ClaimedTask<Payload>>();
  #wake: (() => void) | null = null;
  #withoutUntil = 0;
  #failure: { readonly error: unknown } | null = null;

  /** @param poll used while there is no socket */
  constructor(
    open: OpenChannel,
    accept: Accept<Payload>,
    poll: TaskSource<Payload>,
    { waitMs: _waitMs, ...settings }: LongPollSettings,
    clock: Clock,
  ) {
    this.#open = open;
    this.#accept = accept;
    this.#poll = poll;
    this.#settings = settings;
    this.#clock = clock;
  }

  async take(max: number, signal: AbortSignal): Promise<ClaimedTask<Payload>[]> {
    this.#isResting = false;
    while (this.#pushed.length === 0) {
      this.#throwFailure();
      if (this.#over.size >= MAX_CREDIT) return this.#beyond(max, signal);
      const channel = await this.#connected(signal);
      // None are wanted any more: credit that were given now would be taken back by nobody.
      if (this.#isResting) return [];
      if (channel === null) return this.#polled(max, signal);
      await this.#grant(channel, Math.min(MAX_CREDIT, this.#over.size + max), signal);
      await this.#push(signal);
      if (this.#channel === null && this.#pushed.length === 0)
        throw new UnreachableError(1, new Error("the socket broke"));
    }
    return this.#pushed.splice(0, max);
  }

  /** Beyond what a socket may hold, a poll brings the rest, and nothing is pushed meanwhile: it would wait here for the poll's end. */
  async #beyond(max: number, signal: AbortSignal): Promise<ClaimedTask<Payload>[]> {
    if (this.#channel !== null) await this.#grant(this.#channel, 0, signal);
    await Promise.all(this.#arriving);
    return this.#pushed.length > 0 ? this.#pushed.splice(0, max) : this.#poll.take(max, signal);
  }

  letGo(task: ClaimedTask<Payload>): void {
    this.#over.delete(task);
  }

  rest(): void {
    this.#isResting = true;
    this.#giveBack(this.#pushed.splice(0));
    const channel = this.#channel;
    if (channel === null || this.#credit === 0) return;
    this.#credit = 0;
    channel.request("credit", { n: 0 }).catch(() => {});
  }

  close(): void {
    this.#channel?.close();
    this.#poll.close();
  }

  ack(tasks: readonly ClaimedTask<Payload>[], control: Control): Promise<Settled[]> {
    if (this.#channel === null) return this.#poll.ack(tasks, control);
    return this.#settled("ack", { claims: tasks.map((task) => task.claim) }, this.#channel, control);
  }

  nack(items: readonly NackedTask<Payload>[], control: Control): Promise<Settled[]> {
    if (this.#channel === null) return this.#poll.nack(items, control);
    const claims = items.map(({ task, ...how }): WireNackItem => ({ ...how, claim: task.claim }));
    // Of a thousand tasks that failed with long errors.
    if (frameText({ claims }).length > MAX_BODY_LENGTH) return this.#poll.nack(items, control);
    return this.#settled("nack", { claims }, this.#channel, control);
  }

  extend(tasks: readonly ClaimedTask<Payload>[], control: Control): Promise<Settled[]> {
    if (this.#channel === null) return this.#poll.extend(tasks, control);
    const { claimTimeoutMs } = this.#settings;
    return this.#settled("extend", { claims: tasks.map((task) => task.claim), claimTimeoutMs }, this.#channel, control);
  }

  async #settled<Name extends "ack" | "nack" | "extend">(
    op: Name,
    body: Parameters<typeof SocketChannel.prototype.request<Name>>[1],
    channel: Channel,
    control: Control,
  ): Promise<Settled[]> {
    return [...(await channel.request(op, body, control)).results];
  }

  /** null: none is to be had for now. */
  async #connected(signal: AbortSignal): Promise<Channel | null> {
    if (this.#channel !== null) return this.#channel;
    if (this.#clock.now() < this.#withoutUntil) return null;
    const over = new Set<ClaimedTask<Payload>>();
    try {
      const channel = await this.#open(
        {
          tasks: (tasks) => {
            const received = this.#received(tasks, over)
              .catch((error: unknown) => this.#failed(error))
              .finally(() => this.#arriving.delete(received));
            this.#arriving.add(received);
          },
          lapsed: () => {
            // The credit is gone; whoever waits asks for it again.
            this.#credit = 0;
            this.#wake?.();
          },
          closed: (isDeaf) => this.#lost(isDeaf),
        },
        signal,
      );
      this.#credit = 0;
      this.#over = over;
      this.#channel = channel.isOpen ? channel : null;
      return this.#channel;
    } catch (error) {
      if (error instanceof UnreachableError) return null;
      throw error;
    }
  }

  async #polled(max: number, signal: AbortSignal): Promise<ClaimedTask<Payload>[]> {
    const tasks = await this.#poll.take(max, signal);
    // The server is there, so it was the socket that was not.
    if (this.#clock.now() >= this.#withoutUntil) this.#withoutUntil = this.#clock.now() + WITHOUT_SOCKET_MS;
    return tasks;
  }

  async #grant(channel: Channel, n: number, signal: AbortSignal): Promise<void> {
    if (this.#credit === n) return;
    // Remembered at once: pushes may overtake the answer.
    this.#credit = n;
    try {
      await channel.request("credit", { ...this.#settings, n }, { signal });
    } catch (error) {
      this.#credit = 0;
      throw error;
    }
  }

  /** Waits for tasks, or for the end of the socket or of its credit. */
  #push(signal: AbortSignal): Promise<void> {
    if (this.#pushed.length > 0 || this.#channel === null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#wake = null;
        reject(signal.reason as Error);
      };
      if (signal.aborted) {
        leave();
        return;
      }
      const off = onAbort(signal, leave);
      this.#wake = () => {
        this.#wake = null;
        off();
        resolve();
      };
    });
  }

  async #received(wireTasks: readonly WireClaimedTask[], over: Set<ClaimedTask<Payload>>): Promise<void> {
    const tasks = await this.#accept(wireTasks);
    if (this.#isResting) {
      this.#giveBack(tasks);
      return;
    }
    for (const task of tasks) over.add(task);
    this.#pushed.push(...tasks);
    this.#wake?.();
  }

  /** Pushed tasks could not be made out: a bug, which `take` throws; that must not end the process. */
  #failed(error: unknown): void {
    this.#failure = { error };
    this.#wake?.();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }

  /** Gives back tasks that nobody waits for: no attempt is counted. If the server cannot be reached, they come back at their deadline. */
  #giveBack(tasks: readonly ClaimedTask<Payload>[]): void {
    if (tasks.length === 0) return;
    for (const task of tasks) this.#over.delete(task);
    this.nack(
      tasks.map((task) => ({ task, release: true })),
      {},
    ).catch(() => {});
  }

  #lost(isDeaf: boolean): void {
    if (isDeaf) this.#withoutUntil = this.#clock.now() + WITHOUT_DEAF_SOCKET_MS;
    this.#channel = null;
    this.#credit = 0;
    this.#over = new Set();
    this.#wake?.();
  }
}
