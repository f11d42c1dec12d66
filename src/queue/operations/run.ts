// What an operation is to the queue: a function of its state and its input. It runs inside a transaction; `LATER` asks to be run again in
// the next turn.

import type { InputOf, OperationName, OutcomeOf } from "../../core/operation.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import type { QueueState } from "../state.ts";
import type { LATER } from "../turn.ts";

type Run<Name extends OperationName, Rest extends readonly unknown[]> = (
  state: QueueState,
  input: InputOf<Name>,
  now: number,
  ...rest: Rest
) => OutcomeOf<Name> | typeof LATER;

/** On the queue as it is stored; refused if there is none. */
export type OnQueue<Name extends OperationName> = Run<Name, [queue: QueueRow]>;

/** It makes the queue, by its name, if there is none; or it is about what a deleted queue has left. */
export type ByName<Name extends OperationName> = Run<Name, [name: string]>;

/** It is about claims alone: where there is no queue, there are none. */
export type OnClaims<Name extends OperationName> = Run<Name, []>;
