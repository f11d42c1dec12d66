// The raw results that the document is made from, one file each in docs/benchmarks/.
import type { ProfileCost } from "../cost/run-cost.ts";
import type { RatesResult } from "../measure/measure-rates.ts";
import type { ScenarioResult } from "../scenarios/scenario.ts";
import type { ScaleResult } from "../scale/run-scale.ts";

export interface Measured {
  readonly rates: RatesResult;
  readonly scale: ScaleResult;
  readonly cost: readonly ProfileCost[];
  /** Tasks that belong to keys, beside the same without. */
  readonly keys: ScenarioResult;
  /** The default client, safe to repeat, beside one that is not. */
  readonly client: ScenarioResult;
}
