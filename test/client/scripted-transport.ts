// A transport that answers as a test says, call by call, and keeps what it was asked.

import type { CallOptions, CallOutcome, Transport } from "../../src/client/transport.ts";
import { problem, type ProblemCode } from "../../src/protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../../src/protocol/wire-operations.ts";

type Outcome = CallOutcome<unknown> | "never";

export class ScriptedTransport implements Transport {
  readonly calls: { readonly operation: WireOperationName; readonly body: unknown }[] = [];
  readonly #outcomes: Outcome[];

  constructor(...outcomes: Outcome[]) {
    this.#outcomes = outcomes;
  }

  call<Name extends WireOperationName>(
    _queue: string,
    operation: Name,
    body: WireBody<Name>,
    { signal }: CallOptions,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    this.calls.push({ operation, body });
    const outcome = this.#outcomes.shift() ?? "never";
    return new Promise((resolve, reject) => {
      if (outcome !== "never") resolve(outcome as CallOutcome<WireAnswer<Name>>);
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
    });
  }
}

export const unreachable: Outcome = { kind: "unreachable", cause: new Error("cut") };

export function refused(code: ProblemCode, retryAfterMs: number | null = null): Outcome {
  return { kind: "problem", problem: problem(code, "as the test says"), retryAfterMs };
}

export function answered(answer: unknown): Outcome {
  return { kind: "answer", answer };
}
