// A server of this example's own, to be killed: `edgeq dev` in a process group, so that a kill takes workerd with it.

import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Server {
  readonly url: string;
  /** SIGKILL, with no time to write anything down. Fulfilled when it has ended. */
  kill(): Promise<void>;
}

/**
 * Starts a server, and waits until it is up.
 *
 * @param dir where its data is
 * @param port 0: any that is free
 */
export async function startServer(dir: string, port = "0"): Promise<Server> {
  const child = spawn("edgeq", ["dev", "--state", dir, "--port", port], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let said = "";
  for await (const text of child.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += text;
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (url === undefined) continue;
    return {
      url,
      async kill() {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        await exited;
      },
    };
  }
  throw new Error(`edgeq dev did not start: ${said}`);
}
