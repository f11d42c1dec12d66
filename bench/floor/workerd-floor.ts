// The floor of plain workerd: calls to an object that does nothing, that writes a row, and echoes over a
// hibernating socket. edgeq runs on the same ground, so it cannot be faster than these at the same work.
import { WebSocket } from "ws";
import { httpClient } from "../measure/http-client.ts";
import { percentilesOf, type Measurement } from "../measure/measurement.ts";
import { packageVersion } from "../measure/package-version.ts";
import { payloadOf } from "../measure/payload.ts";
import { oneAtATime, timed, type Operation } from "../measure/one-at-a-time.ts";
import { runInFlight, type Load } from "../measure/run-in-flight.ts";
import { admits, type Settings } from "../measure/settings.ts";
import type { Subject } from "../measure/subject.ts";
import { socketEcho, type SocketEcho } from "./socket-echo.ts";
import { startFloor } from "./start-floor.ts";

const inFlight = 64;

export const workerdFloor: Subject = {
  name: "workerd",
  durability:
    "The object's SQLite as workerd keeps it on local disk; an answer waits until the write is confirmed (output gate).",
  missing: () => null,
  async measure(dir, settings, report) {
    const workerd = await startFloor(dir);
    try {
      await measureHttp(workerd.url, settings, report);
      await measureSocket(workerd.url, settings, report);
    } finally {
      await workerd.stop();
    }
    return `workerd ${packageVersion("workerd")}, undici ${packageVersion("undici")}, ws ${packageVersion("ws")}`;
  },
};

async function measureHttp(url: string, settings: Settings, report: (measurement: Measurement) => void): Promise<void> {
  const payload = payloadOf(0, settings.payloadBytes);
  const hundred = JSON.stringify(Array.from({ length: 100 }, () => payload));
  const requests = [
    { workload: "static response over HTTP", path: "/static", body: payload, tasks: 1, lanes: inFlight },
    { workload: "object call that does nothing", path: "/nothing", body: payload, tasks: 1, lanes: inFlight },
    { workload: "object call that inserts a row", path: "/insert", body: payload, tasks: 1, lanes: inFlight },
    { workload: "object call that inserts 100 rows", path: "/insert-many", body: hundred, tasks: 100, lanes: 8 },
    { workload: "object call, one at a time: round trip", path: "/nothing", body: payload, tasks: 1, lanes: 1 },
  ];
  const client = httpClient(url, inFlight);
  for (const { workload, path, body, tasks, lanes } of requests) {
    if (!admits(settings, workload)) continue;
    const load = {
      inFlight: lanes,
      maxOperations: settings.maxTasks / tasks,
      operation: async (): Promise<number> => {
        const { status, body: text } = await client.send("POST", path, body);
        if (status !== 200) throw new Error(`${path}: expected 200, found ${status} ${text.slice(0, 200)}`);
        return tasks;
      },
    };
    report(await measureLoad(workload, load, settings));
  }
  await client.close();
}

/** One lane is one at a time, with the pauses of the delivery workload that it is beside. */
async function measureLoad(workload: string, load: Omit<Load, "maxMs">, settings: Settings): Promise<Measurement> {
  if (load.inFlight === 1) return oneAtATime(workload, settings, () => timed(() => load.operation(0)));
  await runInFlight({ ...load, maxMs: settings.warmUpMs });
  const { latenciesMs, ...run } = await runInFlight({ ...load, maxMs: settings.measureMs });
  return { workload, ...run, latency: percentilesOf(latenciesMs) };
}

/** A frame that is echoed after its row is on disk, one at a time: what a delivery by socket cannot be faster than. */
export async function openRowRoundTrips(
  url: string,
  { payloadBytes }: Pick<Settings, "payloadBytes">,
): Promise<{ readonly roundTrip: Operation; readonly close: () => void }> {
  const echo = await openEcho(url);
  const frame = `+${payloadOf(0, payloadBytes)}`;
  return { roundTrip: () => timed(() => echo.roundTrip(frame)), close: () => echo.close() };
}

function openEcho(url: string): Promise<SocketEcho> {
  return socketEcho(new WebSocket(`${url.replace("http", "ws")}/socket`, { perMessageDeflate: false }));
}

async function measureSocket(
  url: string,
  settings: Settings,
  report: (measurement: Measurement) => void,
): Promise<void> {
  const frames = [
    { workload: "socket echo", prefix: "", lanes: inFlight },
    { workload: "socket echo after inserting a row", prefix: "+", lanes: inFlight },
    { workload: "socket echo, one at a time: round trip", prefix: "", lanes: 1 },
    { workload: "socket echo after inserting a row, one at a time: round trip", prefix: "+", lanes: 1 },
  ];
  for (const { workload, prefix, lanes } of frames) {
    if (!admits(settings, workload)) continue;
    const echo = await openEcho(url);
    const frame = prefix + payloadOf(0, settings.payloadBytes);
    const load = { inFlight: lanes, maxOperations: settings.maxTasks, operation: () => echo.roundTrip(frame) };
    report(await measureLoad(workload, load, settings));
    echo.close();
  }
}
