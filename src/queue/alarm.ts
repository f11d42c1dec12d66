// The one alarm of the queue: when it is to ring, and what is done when it does, all chores that are due. Correctness never waits
// for any of that (P13), and the alarm waits for no other queue.

import type { SteadyClock } from "../core/steady-clock.ts";
import type { Sql } from "../store/sql.ts";
import type { BudgetGuard } from "./budget/budget-guard.ts";
import type { Meter } from "./budget/meter.ts";
import type { Chore, Chores } from "./chores.ts";
import type { QueueHost } from "./queue-host.ts";

/** How long the alarm waits for a clock that is beyond to be set. */
const CLOCK_LOOK_MS = 3_600_000;
/** The alarm of a busy queue is not set sooner than this for nothing but the next claim. ms. */
const LEAST_LOOK_MS = 10_000;

interface AlarmGround {
  readonly chores: Chores;
  readonly clock: SteadyClock;
  readonly meter: Meter;
  readonly host: Pick<QueueHost, "alarmAt" | "now" | "report">;
  /** Runs a job in a turn and a transaction of its own. Rejects if it throws. */
  inTurn(name: string, job: (now: number) => void): Promise<void>;
  readonly sql: Pick<Sql, "rowsWritten">;
  readonly guard: Pick<BudgetGuard, "heldUntil">;
  /** How long a claim of the queue lasts. ms */
  claimTimeoutMs(): number;
}

export class Alarm {
  readonly #ground: AlarmGround;
  /** Somebody has asked for something since the alarm last rang; and had, when it did. */
  #hasWorked = false;
  #isBusy = false;

  constructor(ground: AlarmGround) {
    this.#ground = ground;
  }

  /** Somebody asks the queue for something. */
  worked(): void {
    this.#hasWorked = true;
  }

  /** Does all that is due. The caller arms the alarm anew when it is done, also after a failure. */
  async ring(): Promise<void> {
    const { chores, clock, meter } = this.#ground;
    if (this.#ground.guard.heldUntil(clock.now()) > clock.now()) return;
    // Among others' work the next claim would set the alarm sooner at once, a row each time: so it is set that soon already.
    this.#isBusy = this.#hasWorked;
    this.#hasWorked = false;
    const before = this.#ground.sql.rowsWritten;
    const due = chores.due(clock.now());
    if (due.length === 0) await this.#ground.inTurn("alarm", () => {});
    await Promise.all(due.map((chore) => this.#do(chore)));
    const nextAt = chores.nextAt(clock.now());
    const hasProgress = this.#isBusy || this.#hasWorked || this.#ground.sql.rowsWritten > before;
    if (meter.breaker.rang(hasProgress, nextAt === null ? null : nextAt - clock.now())) {
      this.#ground.host.report(
        "the alarm rings without progress and is slowed",
        due.map(({ name }) => name).join(", "),
      );
    }
  }

  async #do(chore: Chore): Promise<void> {
    const { chores, clock, meter } = this.#ground;
    try {
      await this.#ground.inTurn(chore.name, (now) => {
        chore.run(now);
        meter.charge("alarm", 0);
      });
    } catch {
      chores.failed(chore, clock.now());
    }
  }

  /** All chores that were due have run, and the alarm is armed anew. */
  rested(): void {
    this.#isBusy = false;
  }

  /** Sets the alarm for what is next due. */
  arm(now: number): void {
    const { chores, clock, host, meter } = this.#ground;
    const dueAt = chores.nextAt(now);
    const lookAt = now + Math.max(LEAST_LOOK_MS, this.#ground.claimTimeoutMs());
    const at = dueAt !== null && this.#isBusy ? Math.min(dueAt, lookAt) : dueAt;
    const slowed = at === null ? null : Math.max(at, now + meter.breaker.restMs, this.#ground.guard.heldUntil(now));
    if (host.alarmAt(slowed === null ? null : clock.wallAt(slowed), clock.wall)) meter.alarmSet();
  }

  /** The clock is later than what a queue can count: nothing is done until it has been set. */
  armForClock(): void {
    const now = this.#ground.host.now();
    this.#ground.host.alarmAt(now + CLOCK_LOOK_MS, now);
  }
}
