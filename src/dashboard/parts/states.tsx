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

/** Why there is nothing to show, and what can be done about it. */
export function Failure({ error }: { readonly error: CallError }) {
  switch (error.code) {
    case "queue-not-found":
      return (
        <Empty isWhole title="There is no such queue">
          <p>It may have been deleted. A queue is made by its first task, or by its settings.</p>
          <p>
            <a href="/">All queues</a>
          </p>
        </Empty>
      );
    case "task-not-found":
      return (
        <Empty isWhole title="This task is not here any more">
          <p>It was finished, cancelled, moved to another queue, or expired. Finished tasks leave no record.</p>
        </Empty>
      );
    case "forbidden":
      return (
        <Empty isWhole title="Your token does not allow this">
          <p>{error.message}.</p>
        </Empty>
      );
    case "unreachable":
      return (
        <Empty isWhole title="The server does not answer">
          <p>This page tries again by itself.</p>
        </Empty>
      );
    default:
      return (
        <Empty isWhole title="The server refused">
          <p>{error.message}</p>
        </Empty>
      );
  }
}
