// Pages of tasks, as programs are given them.

import type { WireBrowsedTask } from "../protocol/wire-task.ts";
import { decodedTask, type BrowsedTask } from "./task.ts";

export interface TaskPage<Payload = unknown> {
  readonly tasks: BrowsedTask<Payload>[];
  /** Of the next page; null: there is none. */
  readonly cursor: string | null;
}

export interface FoundPage<Payload = unknown> extends TaskPage<Payload> {
  /** Tasks, and rows that are none, that were looked at for this page. */
  readonly lookedAt: number;
}

export function decodedPage<Page extends { readonly tasks: readonly WireBrowsedTask[] }, Payload>(
  page: Page,
): Omit<Page, "tasks"> & { readonly tasks: BrowsedTask<Payload>[] } {
  return { ...page, tasks: page.tasks.map((task) => decodedTask(task)) };
}
