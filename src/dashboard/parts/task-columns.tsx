// The columns that a list of tasks may have: what each is called and how it shows a task.

import type { ComponentChildren } from "preact";
import type { WireBrowsedTask, WireTaskState } from "../../protocol/wire-task.ts";
import { diedAtOf, errorOf, otherErrorsOf } from "../data/dead-groups.ts";
import { now } from "./clock.ts";
import { StateMark, Time } from "./marks.tsx";
import { taskHref } from "./router.ts";
import { number } from "./words.ts";

export interface Column {
  readonly name: string;
  readonly title: string;
  readonly isNumber?: boolean;
  readonly show: (task: WireBrowsedTask, queue: string) => ComponentChildren;
}

/** Of a payload or an error, what a line can hold; the page of the task has the rest. */
const PREVIEW = 160;

export const COLUMNS: readonly Column[] = [
  { name: "state", title: "State", show: (task) => <StateMark state={stateNow(task)} /> },
  {
    name: "id",
    title: "Task",
    show: ({ id }, queue) => (
      <a class="row-link" href={taskHref(queue, id)}>
        {id}
      </a>
    ),
  },
  { name: "lane", title: "Lane", show: ({ lane }) => lane },
  { name: "key", title: "Key", show: ({ key }) => key ?? "" },
  { name: "priority", title: "Priority", isNumber: true, show: ({ priority }) => priority },
  {
    name: "attempts",
    title: "Attempts",
    isNumber: true,
    show: ({ attempts, maxAttempts }) => (
      <>
        {attempts}
        {maxAttempts === null ? null : <span class="muted"> / {maxAttempts}</span>}
      </>
    ),
  },
  { name: "enqueued", title: "Enqueued", show: ({ enqueuedAt }) => <Time at={enqueuedAt} /> },
  { name: "when", title: "When", show: (task) => <When task={task} /> },
  { name: "claimant", title: "Claimant", show: ({ claimant }) => claimant ?? "" },
  { name: "origin", title: "Died in", show: ({ origin }) => origin?.queue ?? "" },
  { name: "headers", title: "Headers", isNumber: true, show: ({ headers }) => number(Object.keys(headers).length) },
  {
    name: "error",
    title: "Error",
    show: (task) => (
      <>
        <span class="preview error">{errorOf(task).slice(0, PREVIEW)}</span>
        <OtherErrors task={task} />
      </>
    ),
  },
  { name: "payload", title: "Payload", show: (task) => <span class="preview">{previewOf(task)}</span> },
];

/** Always shown: without them a row says nothing and leads nowhere. */
export const FIXED: ReadonlySet<string> = new Set(["state", "id"]);
export const DEFAULT_COLUMNS = ["attempts", "when", "error", "payload"] as const;

/** A list stands still while one reads, and a delayed task becomes ready with time alone. */
function stateNow({ state, visibleAt, limited }: WireBrowsedTask): WireTaskState {
  return state === "delayed" && limited === undefined && visibleAt <= now.value ? "ready" : state;
}

/** The instant that matters in a task's state, after a word for it. */
const WHEN: Record<WireTaskState, readonly [word: string, at: (task: WireBrowsedTask) => number]> = {
  ready: ["ready", ({ visibleAt }) => visibleAt],
  delayed: ["due", ({ visibleAt }) => visibleAt],
  claimed: ["ends", ({ claimedUntil, visibleAt }) => claimedUntil ?? visibleAt],
  dead: ["died", diedAtOf],
};

function When({ task }: { readonly task: WireBrowsedTask }) {
  const [word, at] = WHEN[stateNow(task)];
  return (
    <>
      {word} <Time at={at(task)} />
    </>
  );
}

/** Whether it always failed in the same way. */
function OtherErrors({ task }: { readonly task: WireBrowsedTask }) {
  const others = otherErrorsOf(task);
  if (others.length === 0) return null;
  return (
    <small
      class="muted"
      title={others.join("\n")}
    >{`before: ${others[0]?.slice(0, PREVIEW) ?? ""}${others.length === 1 ? "" : `, and ${others.length - 1} more`}`}</small>
  );
}

export function previewOf({ payload, encoding, contentType }: WireBrowsedTask): string {
  if (encoding === "base64") return contentType ?? "bytes";
  return (encoding === "json" ? JSON.stringify(payload) : (payload as string)).slice(0, PREVIEW);
}
