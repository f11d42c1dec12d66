// The one door of a queue. Whoever is outside asks for operations, stands in line for tasks, or rings the alarm; inside, all
// of it happens in turns, each of which is one durable commit. Nothing outside of this room reads or writes a stored task.

import type { ClaimInput, InputOf, OperationName, OutcomeOf } from "../core/operation.ts";
import { LIMITS } from "../core/limits.ts";
import { inputBytes } from "../core/input-bytes.ts";
import { instantOf } from "../core/sequence.ts";
import { SteadyClock } from "../core/steady-clock.ts";
import { objectBytes } from "../core/held-bytes.ts";
import type { Sql } from "../store/sql.ts";
import { Admittance, BEYOND, type Overload } from "./admittance.ts";
import { AsideRemoval } from "./aside-removal.ts";
import { Chores } from "./chores.ts";
import { DividedCalls } from "./divided-calls.ts";
import { endDue } from "./claims/end-attempt.ts";
import { releaseHeld } from "./claims/release-held.ts";
import { InTurn, type Turn } from "./in-turn.ts";
import { type Message, type ReceiveOutcome } from "./mail/message.ts";
import { eitherReadOrRefused, receive, whileHeld } from "./mail/receive.ts";
import { openDelivery } from "./mail/open-delivery.ts";
import { Alarm } from "./alarm.ts";
import { Awake } from "./budget/awake.ts";
import { BudgetGuard, HELD_BACK } from "./budget/budget-guard.ts";
import type { Meter } from "./budget/meter.ts";
import { claim } from "./operations/claim.ts";
import { Consumers, type Consumer } from "./ready/consumers.ts";
import { ParkedClaims } from "./ready/parked-claims.ts";
import { Waiters } from "./ready/waiters.ts";
import { WaitTimer } from "./ready/wait-timer.ts";
import { FactTail } from "./fact-tail.ts";
import { History } from "./history/history.ts";
import type { QueueHost, TurnWatcher } from "./queue-host.ts";
import { QueueState } from "./state.ts";
import { Reports } from "./reports.ts";
import { scheduleHousekeeping } from "./housekeeping.ts";
import { choresOf } from "./sweep.ts";
import { LATER, Turns, type Job } from "./turn.ts";
import { TurnBudget } from "./turn-budget.ts";

export { DIRECTORY } from "./mail/directory.ts";
export { LATER, type Job } from "./turn.ts";
export type { Turn } from "./in-turn.ts";
export type { Consumer } from "./ready/consumers.ts";
export type { Message, ReceiveOutcome } from "./mail/message.ts";
export type { QueueHost, TurnWatcher } from "./queue-host.ts";
export type { Ready } from "./ready/count-ready.ts";

export class Queue {
  /** Whoever adds jobs without a promise asks here first. */
  readonly entry: Admittance;
  /** Whoever holds bytes for those who wait counts them here. */
  readonly held = objectBytes();
  readonly divided = new DividedCalls();
  #state: QueueState;
  #now = 0;
  readonly #clock: SteadyClock;
  readonly #sql: Sql;
  readonly #host: QueueHost;
  readonly #turns: Turns<Turn>;
  readonly #budget: TurnBudget;
  readonly #waiters = new Waiters();
  readonly #consumers = new Consumers(this.#waiters);
  readonly #parked: ParkedClaims;
  readonly #removal: AsideRemoval;
  readonly #delivery: ReturnType<typeof openDelivery>;
  readonly #reports: Reports;
  readonly #watchers: TurnWatcher[] = [this.divided];
  readonly #turn: Turn;
  readonly #each: ((turn: Turn) => void)[] = [];
  readonly #chores: Chores;
  readonly #alarm: Alarm;
  readonly #timer: WaitTimer;
  readonly #awake: Awake;
  readonly #guard: BudgetGuard;
  /** Facts one by one, for whoever wants some. */
  readonly tail = new FactTail(() => this.#now);

  /** Opens the queue: reads its claims and the tasks they name, never its backlog (P12). */
  constructor(sql: Sql, host: QueueHost) {
    this.#sql = sql;
    this.#host = host;
    this.#clock = new SteadyClock(() => host.now());
    this.#reports = new Reports(host.nonce(), (report) => host.tell(report), new History(sql, this.#clock.now(), host));
    this.#state = this.#opened();
    this.#budget = new TurnBudget(sql, this.held, () => this.#state.scans);
    const state = (): QueueState => this.#state;
    const background = (work: Promise<void>): void => this.background(work);
    this.#turns = new Turns({
      inside: () => this.#turn,
      transaction: (body) => {
        this.#now = this.#clock.now();
        this.meter.turn(this.#now, () => this.#state.turn(this.#now, body));
      },
      afterJobs: () => this.#serve(),
      rolledBack: () => this.#rolledBack(),
      committed: () => {
        this.#parked.committed();
        this.#waiters.committed();
        this.entry.committed();
        this.#reports.committed(this.#state, this.#now, background, () => this.#turns.follow("report"));
        for (const watcher of this.#watchers) watcher.committed();
        this.#awake.rests();
        this.#guard.look(this.#now);
      },
      failed: (job, error) => {
        host.report(`${job} failed and changed nothing`, error);
        return this.entry.failed(job, error);
      },
      cannotServe: (error) => {
        host.report("those who wait cannot be served", error);
        host.abort(error);
      },
      soon: (turn) => host.soon(turn),
      budget: this.#budget,
    });
    this.#timer = new WaitTimer(host, () => this.#turns.follow("timer"));
    const turnNow = (): number => this.#now;
    this.#parked = new ParkedClaims(this.#waiters, this.#turns, turnNow, host);
    this.#guard = new BudgetGuard(state, host);
    const [parked, guard] = [this.#parked, this.#guard];
    this.entry = new Admittance({ clock: this.#clock, turns: this.#turns, parked, sql, state, guard });
    this.#awake = new Awake(this.meter, parked, this.#clock);
    this.#removal = new AsideRemoval(this.#turns, state, turnNow);
    this.#delivery = openDelivery(state, host, this.held, () => this.#clock.now());
    this.#turn = new InTurn({
      state,
      now: turnNow,
      guard: this.#guard,
      name: () => host.name(),
      budget: this.#budget,
      reopen: () => (this.#state = this.#opened()),
      afterCommit: (effect) => this.#turns.afterCommit(effect),
    });
    // What only has the alarm ring is done at the end of its turn.
    this.#chores = new Chores([
      ...choresOf(state),
      { name: "purged rows", nextAt: (now) => this.#removal.nextAt(now), run: () => {} },
      { name: "outbox", nextAt: (now) => this.#delivery.nextAt(now), run: () => {} },
      { name: "budget", nextAt: () => this.#guard.giveAt, run: () => this.#guard.gives() },
      { name: "waiting consumers", nextAt: () => this.#waiters.nextStandingAt(this.#state), run: () => {} },
    ]);
    this.#alarm = new Alarm({
      chores: this.#chores,
      clock: this.#clock,
      meter: this.meter,
      host,
      inTurn: (name, job) => this.#turns.run(name, () => this.#state.transaction(() => job(this.#now))),
      sql,
      guard: this.#guard,
      claimTimeoutMs: () => this.#state.row?.settings.claimTimeoutMs ?? 0,
    });
  }

  /** Counts what the queue uses. The object adds what is asked of it. */
  get meter(): Meter {
    return this.#reports.history.meter;
  }

  /** Rows written for the history since the queue was opened. */
  get historyRows(): number {
    return this.#reports.history.rowsWritten;
  }

  /**
   * Runs one operation in the next turn. A claim with `waitMs` that finds nothing waits for that long, and then answers with
   * what has become ready or with no tasks. Rejects only for a bug or a lost database.
   */
  operate<Name extends OperationName>(name: Name, input: InputOf<Name>, mustExist = false): Promise<OutcomeOf<Name>> {
    this.#alarm.worked();
    const bytes = inputBytes(input);
    const refused = this.entry.admit(name, input, bytes);
    if (refused !== null) return Promise.resolve(refused);
    if (name === "claim" && ((input as ClaimInput).waitMs ?? 0) > 0)
      return this.#parked.claimOrWait(input as ClaimInput, this.entry, (claimed) => this.#claim(claimed));
    const job = (): OutcomeOf<Name> | typeof LATER => this.#turn.operate(name, input, mustExist);
    return this.#turns.run(name, job, bytes, (error) => this.divided.unfinished(name, input, error));
  }

  /**
   * Runs a job in the next turn, or in a later one if there is more than a turn's work.
   *
   * @param job may run more than once, see `Job`. `LATER`: it has more to do, and is called again in the next turn
   * @returns what the job returns, or a refusal when too much waits for its turn already
   */
  run<Answer>(name: string, job: (turn: Turn) => Answer | typeof LATER, bytes = 0): Promise<Answer | Overload> {
    this.#alarm.worked();
    const refused = this.entry.overload(bytes);
    if (refused !== null) return Promise.resolve(refused);
    return this.#turns.run(name, job, bytes);
  }

  /** Like `run`, for those who answer by other means than a promise. They ask `entry` before. */
  add(name: string, apply: Job<Turn>["apply"], fail?: Job<Turn>["fail"]): void {
    this.#alarm.worked();
    this.#turns.follow(name, apply, fail);
  }

  /** The same of a job that holds something in memory. */
  addJob(job: Job<Turn>): void {
    this.#alarm.worked();
    this.#turns.add(job);
  }

  /** The client of a claim that waits has gone: the claim takes no task, and is answered with none. */
  leave(ticket: string): Promise<void> {
    return this.#turns.run("leave", () => this.#parked.leave(ticket));
  }

  /** Takes in what another queue sends, each message once (P9). Rejects when too much waits already: its sender comes again. */
  receive(sender: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    if (this.#clock.isBeyond) return Promise.reject(new Error(BEYOND));
    const take = (some: readonly Message[]) => receive(this.#state, this.#host.name(), sender, some, this.#now);
    const [taken, instead] = eitherReadOrRefused(messages, take);
    return whileHeld(this.held, messages, () => this.#turns.run("receive", taken, 0, instead));
  }

  /** Keeps the object awake. */
  background(work: Promise<void>): void {
    this.#host.background(this.#awake.during(work));
  }

  /** The consumer stands in line from the end of the turn on, whenever it has room. In a turn, or before the first. */
  join(consumer: Consumer): void {
    this.#consumers.join(consumer);
  }

  /** The consumer leaves the line. What it holds stays claimed. */
  part(holder: string): void {
    this.#consumers.leave(holder);
  }

  /** The consumer may have room again, by other means than the end of a claim. */
  offer(holder: string): void {
    this.#consumers.offer(holder);
  }

  heldBy(holder: string): number {
    return this.#state.claims.holders.heldBy(holder).size;
  }

  /** Gives back what a consumer holds, without counting the attempts, a bounded number of tasks a turn. */
  release(holder: string): void {
    const some = (): boolean => releaseHeld(this.#state, holder, this.#now, LIMITS.sweepBatch);
    this.#turns.follow("release", () => (this.#state.transaction(some) ? LATER : undefined));
  }

  /** Hears what becomes of each turn from now on. */
  watch(watcher: TurnWatcher): void {
    this.#watchers.push(watcher);
  }

  /** Runs `each` at the end of every turn, and has the alarm ring when `nextAt` says so. */
  follow(name: string, each: (turn: Turn) => void, nextAt: () => number | null): void {
    this.#each.push(each);
    this.#chores.add({ name, nextAt, run: () => {} });
  }

  /** Does all work that is due; correctness never waits for it (P13), and it waits for no other queue. */
  async alarm(): Promise<void> {
    if (this.#clock.isBeyond) return this.#alarm.armForClock();
    this.#delivery.rang();
    try {
      await this.#alarm.ring();
    } finally {
      this.#arm(this.#clock.now());
      this.#alarm.rested();
    }
  }

  #claim(input: ClaimInput): OutcomeOf<"claim"> | typeof LATER {
    const outcome = this.#state.claiming(() => claim(this.#state, input, this.#now));
    this.meter.charge("claim", outcome === LATER ? 0 : 1);
    if (outcome !== LATER) this.#budget.answered(outcome);
    return outcome;
  }

  /** Once after all jobs of a turn, in their commit. */
  #serve(): void {
    const now = this.#now;
    const isEnding = this.#waiters.size + this.#consumers.size > 0 && endDue(this.#state, now);
    this.#consumers.refresh(this.#state.claims.holders, this.#state.lapsed);
    const claimed = (input: ClaimInput) => (this.#budget.mayServe() ? this.#claim(input) : LATER);
    const serve = (input: ClaimInput) => (this.#guard.mayGive(now) ? claimed(input) : HELD_BACK);
    const hasMore = this.#waiters.serve(serve, this.#state, now);
    if (isEnding || hasMore) this.#turns.afterCommit(() => this.#turns.follow("waiting consumers"));
    for (const each of this.#each) each(this.#turn);
    this.#removal.begin();
    // Before sending: the alarm that watches over a message is in the message's own commit.
    this.#arm(now);
    this.meter.charge("alarm", 0);
    this.#reports.look(this.#state, this.#waiters.size, now);
    const send = () => this.#delivery.send(this.#clock.now()).then(() => this.#arm(this.#clock.now()));
    if (this.#delivery.isDue(now)) this.#turns.afterCommit(() => this.background(send()));
  }

  /** The alarm for what is due and for sockets, whose object may sleep; a timer for parked requests, which keep it awake. */
  #arm(now: number): void {
    this.#alarm.arm(now);
    this.#timer.set(this.#waiters.nextParkedAt(this.#state), now);
  }

  #rolledBack(): void {
    try {
      this.#state = this.#opened();
    } catch (error) {
      return this.#host.abort(error);
    }
    this.#waiters.rolledBack();
    this.tail.rolledBack();
    this.#reports.rolledBack();
    this.#parked.rolledBack();
    for (const watcher of this.#watchers) watcher.rolledBack();
  }

  #opened(): QueueState {
    const { history } = this.#reports;
    const state = new QueueState(this.#sql, this.#host, history, this.divided, () => this.#waiters.inputs());
    state.wake(this.#clock.now());
    // The clock may have been set back while the object was away: time goes on from the last key and the last claim.
    this.#clock.passed(Math.max(instantOf(state.sequence.last), state.claimedAt));
    scheduleHousekeeping(state);
    this.#waiters.opened(state.levels);
    this.tail.opened(state);
    return state;
  }
}
