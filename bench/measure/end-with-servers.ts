// For commands that start servers in their own process: however it ends, the servers end with it.
import { stopAllServers } from "./start-server.ts";

export function endWithServers(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void end(130));
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    void end(1);
  });
}

async function end(code: number): Promise<void> {
  await stopAllServers();
  process.exit(code);
}
