// How much one turn does: rows read and written, what is walked over in memory, and bytes of answers, which are held until the turn
// has been committed and they have been sent. Claims that wait are served after the requests of a turn, from the same budget.

import type { ObjectBytes } from "../core/held-bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { Sql } from "../store/sql.ts";
import { outcomeBytes } from "./outcome-bytes.ts";
import type { ScanShare } from "./scan-share.ts";

export class TurnBudget {
  readonly #sql: Pick<Sql, "rowsRead" | "rowsWritten">;
  readonly held: ObjectBytes;
  readonly #share: () => Pick<ScanShare, "isRewritten" | "isWalked">;
  #rowsBefore = 0;
  #answered = 0;
  /** Requests have left nothing for those who wait: the next turn is theirs. */
  #isOwed = false;
  #isTheirs = false;
  /** Claims that waited and were served in this turn. */
  #served = 0;

  /** @param share what operations say that the turn did, beside rows */
  constructor(
    sql: Pick<Sql, "rowsRead" | "rowsWritten">,
    held: ObjectBytes,
    share: () => Pick<ScanShare, "isRewritten" | "isWalked">,
  ) {
    this.#sql = sql;
    this.#share = share;
    this.held = held;
  }

  /** What the turn before has answered has been sent. */
  begin(): void {
    this.held.answers.release(this.#answered);
    this.#answered = 0;
    this.#rowsBefore = this.#rows();
    this.#served = 0;
    this.#isTheirs = this.#isOwed;
    this.#isOwed = false;
  }

  /** An operation has an answer, which is held until the turn's end. */
  answered(outcome: { readonly kind: string }): void {
    const bytes = outcomeBytes(outcome);
    this.#answered += bytes;
    this.held.answers.hold(bytes);
  }

  /** Whether no further request begins in this turn: what is left goes into the next. */
  get isDone(): boolean {
    const { isRewritten, isWalked } = this.#share();
    return this.#isTheirs || this.#isAnswered() || this.#isWorked() || isRewritten || isWalked;
  }

  /** Whether another claim that waits may be served in this turn. */
  mayServe(): boolean {
    // One is served whatever rows the requests have taken: each of the others may meet a thousand tasks that are over.
    const isFull = this.#served > 0 && (this.#served >= LIMITS.turnServed || this.#isWorked());
    const may = !isFull && !this.#isAnswered() && !this.#share().isWalked;
    if (may) this.#served += 1;
    this.#isOwed = this.#served === 0;
    return may;
  }

  #rows(): number {
    return this.#sql.rowsRead + this.#sql.rowsWritten;
  }

  #isWorked(): boolean {
    return this.#rows() - this.#rowsBefore >= LIMITS.turnRows;
  }

  #isAnswered(): boolean {
    return this.#answered >= LIMITS.turnAnswerBytes;
  }
}
