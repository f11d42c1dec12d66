// The queues whose operations are timed: how many tasks wait in each, in which of the ways that edgeq
// stores them, and what else it holds.

export interface Backlog {
  readonly queue: string;
  /** As the tables print it. */
  readonly name: string;
  readonly layout: Layout;
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** `run`: plain tasks enqueued together, a hundred to a row. `row`: a row each. `index`: a row each, and an entry in the ready index. */
export type Layout = "run" | "row" | "index";

/** What follows a task's payload to have it stored so: a limit of its own takes it out of a run, a priority puts it in the index. */
export const optionsOf: Readonly<Record<Layout, string>> = {
  run: "",
  row: `,"maxAttempts":5`,
  index: `,"priority":1`,
};

export interface ScaleSizes {
  readonly ready: readonly number[];
  readonly inFlight: number;
  readonly delayed: number;
  /** Times that each operation is timed on each queue. */
  readonly cycles: number;
  /** Restarts for each wake-up figure. */
  readonly wakes: number;
  readonly queues: number;
  readonly consumers: readonly number[];
  readonly consumersMs: number;
}

export const fullSizes: ScaleSizes = {
  ready: [1_000, 100_000, 1_000_000],
  inFlight: 10_000,
  delayed: 100_000,
  cycles: 60,
  wakes: 5,
  queues: 5_000,
  consumers: [1, 4, 16, 64, 256, 1_024],
  consumersMs: 3_000,
};

export const quickSizes: ScaleSizes = {
  ready: [1_000, 10_000, 100_000],
  inFlight: 1_000,
  delayed: 10_000,
  cycles: 10,
  wakes: 1,
  queues: 500,
  consumers: [1, 16, 256],
  consumersMs: 1_000,
};

export function backlogsOf({ ready, inFlight, delayed }: ScaleSizes): Backlog[] {
  const least = ready[0] ?? 0;
  const waiting = (["run", "row", "index"] as const).flatMap((layout) =>
    ready.map((count) => ({
      queue: `${layout}-${count}`,
      name: `${count.toLocaleString("en-US")} ready, ${inWords[layout]}`,
      layout,
      ready: count,
      inFlight: 0,
      delayed: 0,
    })),
  );
  const base = { layout: "run", ready: least, inFlight: 0, delayed: 0 } as const;
  return [
    ...waiting,
    { ...base, queue: "in-flight", name: `${inFlight.toLocaleString("en-US")} in flight`, inFlight },
    { ...base, queue: "delayed", name: `${delayed.toLocaleString("en-US")} delayed`, delayed },
  ];
}

export const inWords: Readonly<Record<Layout, string>> = {
  run: "a hundred to a row",
  row: "a row each",
  index: "a row each, indexed",
};
