// `npm start`: the queue under `wrangler dev`, for trying it and for working on it: a change of src/ is served at once.
// Open to everybody, on loopback only. Nothing is asked of the network.
//
//   npm start -- [--state DIR]      state in DIR instead of .edgeq/state; it survives a restart
//
// HOST and PORT say where.

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { awaitHealth } from "../src/serve/await-health.ts";
import { endWhenSetBack } from "../src/serve/end-when-set-back.ts";
import { exitOf, stopChild } from "../src/serve/child-exit.ts";
import { freePort, listenAddress } from "../src/serve/listen-address.ts";
import { quickStartWithCurl } from "../src/serve/quick-start.ts";
import { keepRunning } from "../src/serve/keep-running.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { stateDir } from "./state-dir.ts";
import { stopWhenDeaf } from "./stop-when-deaf.ts";
import { PROJECT_DIR } from "./worker-config.ts";
import { workerSettings } from "../src/serve/worker-settings.ts";
import { urlHost } from "../src/serve/workerd-server.ts";

/** What wrangler would otherwise ask the network, or write outside of this folder. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  // The banner is what looks for a newer version.
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  // The example of `request.cf`, fetched from workers.cloudflare.com.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_LOG_PATH: resolve(PROJECT_DIR, ".edgeq/logs"),
};

await runCommand(async () => {
  const address = listenAddress(process.env, true);
  const port = await freePort(address);
  const url = `http://${urlHost(address.host)}:${port}`;
  const state = stateDir(".edgeq/state");
  const settings = workerSettings(process.env);
  let isAnnounced = false;
  return keepRunning(() => {
    const child = spawn(process.execPath, wrangler(address.host, port, state, settings), {
      cwd: PROJECT_DIR,
      env: { ...process.env, ...QUIET },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const exited = exitOf(child);
    const server = { exited, stop: () => stopChild(child, exited) };
    void stopWhenDeaf(url, server);
    void endWhenSetBack(server, server.stop);
    if (!isAnnounced) void announce(url, state, exited);
    isAnnounced = true;
    return Promise.resolve(server);
  });
});

async function announce(url: string, state: string, exited: Promise<unknown>): Promise<void> {
  const starting = new AbortController();
  void exited.then(() => starting.abort());
  await awaitHealth(url, starting.signal).then(
    () => console.log(quickStartWithCurl({ url, isOpen: true, stateDir: state })),
    () => {},
  );
}

function wrangler(host: string, port: number, state: string, settings: Readonly<Record<string, string>>): string[] {
  return [
    // How wrangler runs the build of the dashboard, which is none of the reader's business.
    "--disable-warning=DEP0190",
    fileURLToPath(import.meta.resolve("wrangler")),
    "dev",
    "--local",
    `--ip=${host}`,
    `--port=${port}`,
    "--inspector-port=0",
    `--persist-to=${state}`,
    "--var=EDGEQ_AUTH:open",
    "--var=EDGEQ_ONE_THREAD:yes",
    ...Object.entries(settings).map(([name, value]) => `--var=${name}:${value}`),
    "--log-level=warn",
    "--show-interactive-dev-session=false",
  ];
}
