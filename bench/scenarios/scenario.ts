// The seam of the scenarios: questions about edgeq that are no plain rate. Each starts the servers that it needs, and leaves out
// what a server does not know, by that server's own answer.
import type { Goal } from "../goals/goal.ts";

export interface ScenarioRun {
  /** A folder of its own, for servers' data. */
  readonly dir: string;
  /** Small and short, to see that all works. */
  readonly isQuick: boolean;
  say(line: string): void;
}

export interface ScenarioTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface ScenarioResult {
  readonly tables: readonly ScenarioTable[];
  readonly goals: readonly Goal[];
  /** What was left out, and why. */
  readonly skipped: readonly string[];
}

export interface Scenario {
  readonly name: string;
  run(run: ScenarioRun): Promise<ScenarioResult>;
}
