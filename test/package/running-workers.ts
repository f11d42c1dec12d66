// A Worker's folder as `wrangler dev` runs it, for tests of what users deploy.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { exitOf } from "../../src/serve/child-exit.ts";
import { userEnvironment } from "./packed.ts";

/** wrangler asks nobody outside. */
export const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  CI: "true",
};

export interface RunningWorkers {
  readonly url: string;
  /** What they and wrangler have said so far. */
  readonly said: () => string;
}

/** Runs a command that is `wrangler dev` in the end, until the test is over. @returns when it answers */
export async function runningWorkers(dir: string, [program = "", ...args]: readonly string[]): Promise<RunningWorkers> {
  const child = spawn(program, args, {
    cwd: dir,
    env: { ...userEnvironment(), ...QUIET },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = exitOf(child);
  onTestFinished(async () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await exited;
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ready = await new Promise<string | undefined>((fulfil) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const address = /Ready on (http:\/\/\S+)/.exec(said)?.[1];
      if (address !== undefined) fulfil(address);
    });
    child.once("close", () => fulfil(undefined));
  });
  if (ready === undefined) throw new Error(`${program} ended: ${said}`);
  return { url: ready, said: () => said };
}

/** `wrangler dev` of these configurations, the first of which answers at the address. */
export function wranglerDev(...configs: readonly string[]): string[] {
  const wrangler = join(PROJECT_DIR, "node_modules/.bin/wrangler");
  return [wrangler, "dev", "--port", "0", "--inspector-port", "0", ...configs.flatMap((config) => ["-c", config])];
}
