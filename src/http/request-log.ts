// One line of JSON for a request, if the owner asks for it by EDGEQ_LOG: who asked for what, how it ended, how long it took and what
// it cost. Never payloads, tokens or ids of tasks.

import type { Refusal } from "../core/operation.ts";
import { unmeasured, type MeasuredAnswer } from "../object/queue-stub.ts";
import { logChoice, type LogChoice } from "./log-choice.ts";

/** What is learnt of a request on its way. */
interface RequestNotes {
  operation: string | null;
  queue: string | null;
  /** Of the token, if it names one. */
  subject: string | null;
  /** Of the problem; null: it was answered. */
  code: string | null;
  /** Rows that the queue's object has read and written since it was last asked; null: it was not asked. */
  rowsRead: number | null;
  rowsWritten: number | null;
}

/** The log of one request. */
export class RequestLog {
  readonly #notes: RequestNotes = {
    operation: null,
    queue: null,
    subject: null,
    code: null,
    rowsRead: null,
    rowsWritten: null,
  };
  readonly #choice: LogChoice;
  readonly #startedAt = Date.now();

  private constructor(choice: LogChoice) {
    this.#choice = choice;
  }

  /** null: nothing is logged, and nothing need be noted. */
  static of(setting: string | null | undefined): RequestLog | null {
    const choice = logChoice(setting) ?? { share: 0, failures: true };
    return choice.failures ? new RequestLog(choice) : null;
  }

  note(learnt: Partial<RequestNotes>): void {
    Object.assign(this.#notes, learnt);
  }

  /** Notes what an answer cost, if that was measured. */
  measured(answer: string | Refusal | MeasuredAnswer): string | Refusal {
    if (typeof answer !== "string" && answer.kind === "measured") {
      this.note({ rowsRead: answer.rowsRead, rowsWritten: answer.rowsWritten });
    }
    return unmeasured(answer);
  }

  write({ status }: Pick<Response, "status">, method: string, random: () => number = Math.random): void {
    const isFailure = status >= 500;
    if (!isFailure && random() >= this.#choice.share) return;
    const line = JSON.stringify({ log: "request", method, ...this.#notes, status, ms: Date.now() - this.#startedAt });
    if (isFailure) console.error(line);
    else console.log(line);
  }
}
