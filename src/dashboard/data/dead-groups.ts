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
  /** Queues where they died, other than the one they are in. */
  readonly origins: readonly string[];
}

export function diedAtOf({ diedAt, origin, visibleAt }: WireBrowsedTask): number {
  return diedAt ?? origin?.diedAt ?? visibleAt;
}

export function errorOf({ error, origin }: WireBrowsedTask): string {
  return error ?? origin?.error ?? "";
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
      origins: [...new Set(members.flatMap(({ origin }) => (origin === null ? [] : [origin.queue])))],
    };
  }).sort((a, b) => b.tasks.length - a.tasks.length);
}
