// The process that makes load: the orchestrator forks it once per subject and round. It imports the
// module that holds the subject, measures it, and sends each measurement over the fork's channel.
import { rmSync } from "node:fs";
import { stopAllServers } from "./start-server.ts";
import type { Measurement } from "./measurement.ts";
import type { Settings } from "./settings.ts";
import type { Subject } from "./subject.ts";

export interface LoadOrder {
  readonly module: string;
  readonly subject: string;
  readonly dir: string;
  readonly settings: Settings;
}

export type LoadMessage =
  | { readonly kind: "measured"; readonly measurement: Measurement }
  | { readonly kind: "done"; readonly version: string }
  | { readonly kind: "failed"; readonly reason: string };

const send = (message: LoadMessage): void => void process.send?.(message);

async function obey(order: LoadOrder): Promise<void> {
  const loaded = (await import(order.module)) as { subjects: readonly Subject[] };
  const subject = loaded.subjects.find((candidate) => candidate.name === order.subject);
  if (!subject) throw new Error(`expected a subject named ${order.subject} in ${order.module}`);
  const version = await subject.measure(order.dir, order.settings, (measurement) =>
    send({ kind: "measured", measurement }),
  );
  send({ kind: "done", version });
}

let dir: string | null = null;
let ending = false;
async function endWith(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  await stopAllServers();
  process.exit(code);
}

process.once("message", (order: LoadOrder) => {
  dir = order.dir;
  obey(order).then(
    () => endWith(0),
    (failure: unknown) => {
      send({ kind: "failed", reason: failure instanceof Error ? (failure.stack ?? failure.message) : String(failure) });
      return endWith(1);
    },
  );
});
// The orchestrator may be interrupted or die: in every case the servers go with it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void endWith(130));
process.on("disconnect", () => {
  // Nobody is left who would remove it.
  process.once("exit", () => {
    if (dir !== null) rmSync(dir, { recursive: true, force: true });
  });
  void endWith(1);
});
process.on("uncaughtException", (error) => {
  send({ kind: "failed", reason: error.stack ?? error.message });
  void endWith(1);
});
