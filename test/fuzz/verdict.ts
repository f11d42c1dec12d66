// What an answer may be: documented, and never a fault of the server's own.

import { PROBLEMS } from "../../src/client/index.ts";

export interface Answer {
  /** For a frame, the problem's; 200 where there is none. */
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

export class Findings {
  readonly #seen = new Map<string, number>();
  /** "operation code" -> how often. */
  readonly answers = new Map<string, number>();
  requests = 0;

  /** @param what what was sent, for a person who wants to send it again */
  add(kind: string, what: string): void {
    const count = this.#seen.get(kind) ?? 0;
    this.#seen.set(kind, count + 1);
    // Ten of a kind show what it is.
    if (count < 10) console.error(`${kind}: ${what.slice(0, 2_000)}`);
  }

  get count(): number {
    return this.#seen.values().reduce((sum, count) => sum + count, 0);
  }

  /** @param mustBeRefused whether it was made to be refused */
  judge(op: string, what: () => string, { status, contentType, body }: Answer, mustBeRefused: boolean): void {
    this.requests += 1;
    const said = (body as { readonly code?: unknown } | null)?.code;
    const code = typeof said === "string" ? said : String(status);
    const name = `${op} ${code}`;
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
    const inFull = (): string => `${what()} -> ${status} ${JSON.stringify(body)?.slice(0, 500)}`;
    if (status < 300) {
      if (mustBeRefused) this.add("taken, and should have been refused", inFull());
      return;
    }
    const problem = PROBLEMS[code as keyof typeof PROBLEMS] as { readonly status: number } | undefined;
    // A busy server may say so; one that fails may not.
    if (status >= 500 && code !== "overloaded") this.add("a fault of the server's", inFull());
    else if (problem === undefined || problem.status !== status) this.add("no problem of the table's", inFull());
    else if (contentType !== null && contentType !== "application/problem+json")
      this.add("no problem document", inFull());
    else if (typeof (body as { readonly detail?: unknown }).detail !== "string")
      this.add("a problem without detail", inFull());
  }
}
