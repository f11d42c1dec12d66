// How much is measured. Every workload ends at a count or at a time, whichever comes first, so that a
// peer of 900 tasks a second and one of 200,000 both take seconds.

export interface Settings {
  /** Whole passes over all subjects, interleaved; medians are taken over them. */
  readonly rounds: number;
  readonly payloadBytes: number;
  /** Each workload is run this long before the clock starts. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Most tasks one workload may enqueue: bounds memory on both sides. */
  readonly maxTasks: number;
  /** Tasks put in for the claim workloads, or as many as `measureMs` allows. */
  readonly backlogTasks: number;
  /** Tasks of the delivery workload: one at a time, with a pause between. */
  readonly deliveries: number;
  /** Workloads to run, by whole words of their names; empty means all. */
  readonly workloads: readonly string[];
}

export const fullSettings: Settings = {
  rounds: 5,
  payloadBytes: 100,
  warmUpMs: 1_500,
  measureMs: 5_000,
  maxTasks: 1_000_000,
  backlogTasks: 50_000,
  deliveries: 300,
  workloads: [],
};

export const quickSettings: Settings = {
  ...fullSettings,
  rounds: 1,
  warmUpMs: 300,
  measureMs: 1_500,
  maxTasks: 200_000,
  backlogTasks: 10_000,
  deliveries: 60,
};

/** Everybody three times in about twenty minutes. */
export const reportSettings: Settings = {
  ...fullSettings,
  rounds: 3,
  warmUpMs: 1_500,
  measureMs: 2_000,
  backlogTasks: 30_000,
  deliveries: 200,
};

export function admits(settings: Settings, workload: string): boolean {
  return (
    settings.workloads.length === 0 || settings.workloads.some((wanted) => ` ${workload} `.includes(` ${wanted} `))
  );
}
