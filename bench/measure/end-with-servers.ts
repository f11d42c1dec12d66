// For commands that start servers in their own process: however it ends, the servers end with it.
import { stopAllServers } from "./start-server.ts";

let isEnding = false;

export function endWithServers(): void {
  // Not once: npm and the terminal each pass the same signal on, and the second would end this process before its servers.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end(130));
  process.on("uncaughtException", (error) => {
    // Once: if this very line cannot be written, that is the next uncaught exception.
    if (!isEnding) process.stderr.write(`${error.stack ?? error.message}\n`);
    void end(1);
  });
}

async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await stopAllServers();
  process.exit(code);
}
