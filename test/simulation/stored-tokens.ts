// The tokens that a queue of the simulation has on disk.

import type { World } from "./world.ts";

/** Whether the queue has tables yet. */
export function isMade(world: World, queue: string): boolean {
  return world.storageOf(queue).rows(`SELECT 1 FROM sqlite_master WHERE name = 'documents'`).length > 0;
}

/** Those of its tasks that are not done. */
export function tokensIn(world: World, queue: string): number[] {
  if (!isMade(world, queue)) return [];
  // A row may hold a run of tasks, one to a line, of which some are over.
  const rows = world
    .storageOf(queue)
    .rows(`SELECT payload, places FROM tasks LEFT JOIN settled USING (seq) WHERE state <> 2`);
  return rows.flatMap(({ payload, places }) => {
    const over = JSON.parse(typeof places === "string" ? places : "[]") as [first: number, last: number][];
    const isOver = (place: number): boolean => over.some(([first, last]) => first <= place && place <= last);
    const lines = String(payload)
      .split("\n")
      .filter((_, place) => !isOver(place));
    return lines.map((line) => tokenOf(line));
  });
}

export function tokenOf(payload: unknown): number {
  return (JSON.parse(String(payload)) as { token: number }).token;
}
