// Small marks beside words: a task's state as a shape and a colour, an instant, a trouble's level.

import type { WireTaskState } from "../../protocol/wire-task.ts";
import { now } from "./clock.ts";
import { clock, relative } from "./words.ts";

/** Each state has a shape of its own: colour is never alone. */
const SHAPES: Record<WireTaskState, string> = {
  ready: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9z",
  delayed: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zm0 1.3a3.2 3.2 0 0 1 0 6.4z",
  claimed: "M3 1.5v9l7.5-4.5z",
  dead: "M3.2 1.8L6 4.6l2.8-2.8 1.4 1.4L7.4 6l2.8 2.8-1.4 1.4L6 7.4l-2.8 2.8-1.4-1.4L4.6 6 1.8 3.2z",
};

export function StateShape({ state }: { readonly state: WireTaskState }) {
  return (
    <svg class={`shape ${state}`} viewBox="0 0 12 12" aria-hidden="true">
      <path d={SHAPES[state]} fill-rule="evenodd" />
    </svg>
  );
}

export function StateMark({ state }: { readonly state: WireTaskState }) {
  return (
    <span class="state">
      <StateShape state={state} />
      {state}
    </span>
  );
}

/** Where the age of the oldest ready task would be. After a sleep the ages of tasks with keys are not known until they are claimed. */
export function NoAge({ ready }: { readonly ready: number }) {
  return ready === 0 ? (
    <span class="muted">–</span>
  ) : (
    <span class="muted" title="Not known: its tasks with keys have not been read since the queue woke">
      ?
    </span>
  );
}

/** "3 min ago", with the instant in the reader's zone and in ISO form on hover. */
export function Time({ at }: { readonly at: number }) {
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={`${clock(at, now.value)}\n${date.toISOString()}`}>
      {relative(at, now.value)}
    </time>
  );
}
