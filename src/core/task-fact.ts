// Facts about tasks, one at a time, as `watch` sends them.

import { TASK_EVENTS } from "./task-event.ts";

/**
 * Those that are counted, and: `released`: given back, the attempt not counted; `changed`: its content or place is another;
 * `purged`, `deleted`: all tasks of the queue are gone
 */
export const FACT_KINDS = [...TASK_EVENTS, "released", "changed", "purged", "deleted"] as const;

export type TaskFactKind = (typeof FACT_KINDS)[number];

export interface TaskFact {
  readonly at: number;
  readonly kind: TaskFactKind;
  /** Absent: all tasks. */
  readonly id?: string;
  readonly lane?: string;
  readonly key?: string;
  /** Which attempt it was. One that does not count has the number of the next. */
  readonly attempt?: number;
  /** How long a claimed task was ready, or an acked one claimed. ms */
  readonly tookMs?: number;
  readonly error?: string;
}

/** Which facts somebody wants. Absent: of all lanes, of all kinds. */
export interface FactFilter {
  readonly lanes?: readonly string[];
  readonly kinds?: readonly TaskFactKind[];
}

/** @param lane null: it is about the whole queue, which is about every lane */
export function wants({ lanes, kinds }: FactFilter, kind: TaskFactKind, lane: string | null): boolean {
  return (kinds?.includes(kind) ?? true) && (lane === null || (lanes?.includes(lane) ?? true));
}
