// Before any test: the built dashboard, which the Worker's sources import.

import { stop } from "esbuild";
import { buildDashboard } from "../../scripts/build-dashboard.ts";

export async function setup(): Promise<void> {
  await buildDashboard();
  await stop();
}
