// The states that a page can be in beside showing what it is for: loading, empty, refused, unreachable.

import type { ComponentChildren } from "preact";
import type { CallError } from "../data/call.ts";
import { CopyButton } from "./copy-button.tsx";

/** Grey lines where rows will be. */
export function Skeleton({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} />
      ))}
    </div>
  );
}

/** In place of what is not loaded: grey lines until it comes, or why it does not. */
export function NotLoaded({ error }: { readonly error: CallError | null }) {
  return error === null ? <Skeleton /> : <Failure error={error} />;
}

/** Why a form was not sent, or was refused; null: nothing is wrong. */
export function FormError({ why }: { readonly why: string | null }) {
  if (why === null) return null;
  return (
    <p class="bad" role="alert">
      {why}
    </p>
  );
}

interface EmptyProps {
  readonly title: string;
  /** There is nothing else on the page: its title is the page's. */
  readonly isWhole?: boolean;
  readonly children?: ComponentChildren;
}

export function Empty({ title, isWhole = false, children }: EmptyProps) {
  return (
    <div class="empty">
      {isWhole ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}

/** A line to paste into a terminal. */
export function PasteLine({ text }: { readonly text: string }) {
  return (
    <div class="paste">
      <code>{text}</code>
      <CopyButton text={text} label="command" />
    </div>
  );
}

const FAILURES: Readonly<Record<string, readonly [title: string, text: string]>> = {
  "queue-not-found": [
    "There is no such queue",
    "It may have been deleted. A queue is made by its first task, or by its settings.",
  ],
  "task-not-found": [
    "This task is not here any more",
    "It was finished, cancelled, moved to another queue, or expired. Finished tasks leave no record.",
  ],
  unreachable: ["The server does not answer", "This page tries again by itself."],
};

/** Why there is nothing to show, and what can be done about it. */
export function Failure({ error: { code, message } }: { readonly error: CallError }) {
  const refused: (typeof FAILURES)[string] =
    code === "forbidden" ? ["Your token does not allow this", `${message}.`] : ["The server refused", message];
  const [title, text] = FAILURES[code] ?? refused;
  return (
    <Empty isWhole title={title}>
      <p>{text}</p>
      {code === "queue-not-found" ? (
        <p>
          <a href="/">All queues</a>
        </p>
      ) : null}
    </Empty>
  );
}
