// What the runner can measure: anything that starts itself in a directory and reports measurements.
// Peers, edgeq and the floor all become subjects; the runner knows nothing else of them.
import type { Measurement } from "./measurement.ts";
import type { Settings } from "./settings.ts";

export interface Subject {
  readonly name: string;
  /** One sentence: what is on disk when it answers. */
  readonly durability: string;
  /** Null when it can run here; otherwise what is missing and what would bring it. */
  missing(): string | null;
  /** Starts, measures each workload that `settings` admits, stops; answers the version it measured. */
  measure(dir: string, settings: Settings, report: (measurement: Measurement) => void): Promise<string>;
}
