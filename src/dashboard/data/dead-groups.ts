// Dead tasks that failed in the same way, together: how many, since when, and where they came from.

import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { fingerprintOf } from "./fingerprint.ts";

export interface DeadGroup {
  readonly fingerprint: string;
  /** One error as it was, in full. */
  readonly example: string;
  readonly tasks: readonly WireBrowsedTask[];
  /** ms since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** How else attempts at them have failed, and at how many of them, the most frequent first. */
  readonly earlier: readonly { readonly fingerprint: string; readonly tasks: number }[];
  /** Queues where they died, other than the one they are in. */
  readonly origins: readonly string[];
}

export function diedAtOf({ diedAt, origin, visibleAt }: WireBrowsedTask): number {
  return diedAt ?? origin?.diedAt ?? visibleAt;
}

export function errorOf({ error, origin }: WireBrowsedTask): string {
  return error ?? origin?.error ?? "";
}

/** What the last attempts at a task that have failed say beside its error, each once. A claim that ran out says nothing itself. */
export function otherErrorsOf(task: WireBrowsedTask): readonly string[] {
  const failed = (task.pastAttempts ?? []).filter(({ outcome }) => outcome === "failed" || outcome === "expired");
  const fingerprints = failed.map(({ outcome, error }) =>
    fingerprintOf(error ?? (outcome === "expired" ? "claim expired" : "")),
  );
  return [...new Set(fingerprints)].filter((text) => text !== "" && text !== fingerprintOf(errorOf(task)));
}

function earlierOf(tasks: readonly WireBrowsedTask[]): DeadGroup["earlier"] {
  const errors = Map.groupBy(tasks.flatMap(otherErrorsOf), (fingerprint) => fingerprint);
  return Array.from(errors, ([fingerprint, alike]) => ({ fingerprint, tasks: alike.length })).sort(
    (a, b) => b.tasks - a.tasks,
  );
}

/** Largest group first. */
export function deadGroupsOf(tasks: readonly WireBrowsedTask[]): readonly DeadGroup[] {
  const groups = Map.groupBy(tasks, (task) => fingerprintOf(errorOf(task)));
  return Array.from(groups, ([fingerprint, members]) => {
    const times = members.map(diedAtOf).sort((a, b) => a - b);
    const [example] = members;
    return {
      fingerprint,
      example: example === undefined ? "" : errorOf(example),
      tasks: members,
      firstAt: times[0] ?? 0,
      lastAt: times.at(-1) ?? 0,
      earlier: earlierOf(members),
      origins: [...new Set(members.flatMap(({ origin }) => (origin === null ? [] : [origin.queue])))],
    };
  }).sort((a, b) => b.tasks.length - a.tasks.length);
}
