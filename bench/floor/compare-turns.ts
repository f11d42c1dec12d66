// Where the time of a delivery goes: a frame from one socket to another through an object that writes a row, with what a queue
// adds to it, one step at a time, all ways in turn in one process. Run it by hand (`node floor/compare-turns.ts [rounds]`).
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { percentilesOf } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { startWorkerd } from "../measure/start-workerd.ts";
import { median } from "../measure/summarize.ts";

const rounds = Number(process.argv[2] ?? 200);
/** The way that the others are compared with comes first. */
const ways = [
  ["now r e", "row, back to the sender: the floor's round trip"],
  ["now - e", "no row, back to the sender"],
  ["now r p", "row, to the consumer"],
  ["now r ep", "row, to both"],
  ["now rt ep", "the same in a transaction"],
  ["now rct ep", "and a claim's row"],
  ["now rcat ep", "and an alarm"],
  ["timer rct ep", "two rows, after a timer of 0 ms"],
  ["wait rct ep", "two rows, after scheduler.wait(0)"],
  ["microtask rct ep", "two rows, in a microtask"],
  ["channel rct ep", "two rows, after a message channel"],
  ["timer rcat ep", "two rows and an alarm, after a timer of 0 ms"],
] as const;

const dir = mkdtempSync(join(tmpdir(), "edgeq-turns-"));
const source = readFileSync(new URL("worker/turn-worker.ts", import.meta.url), "utf8");
const workerd = await startWorkerd({
  dir,
  modules: { "turn-worker.js": stripTypeScriptTypes(source) },
  objects: { TURN: "TurnObject" },
  compatibilityFlags: ["no_web_socket_compression"],
});
const open = async (role: string): Promise<WebSocket> => {
  const socket = new WebSocket(`${workerd.url.replace("http", "ws")}/?role=${role}`, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
};

try {
  const [producer, consumer] = await Promise.all([open("producer"), open("consumer")]);
  const payload = payloadOf(0, 100);
  const times = new Map<string, number[]>(ways.map(([way]) => [way, []]));
  // The first tenth compiles the code.
  for (let round = -Math.ceil(rounds / 10); round < rounds; round += 1) {
    for (const [way] of ways) {
      const isDelivery = way.endsWith("p");
      const both = way.endsWith("ep") ? once(producer, "message") : null;
      const arrived = once(isDelivery ? consumer : producer, "message");
      const from = performance.now();
      producer.send(`${way} ${payload}`);
      await arrived;
      if (round >= 0) times.get(way)?.push(performance.now() - from);
      await both;
      await sleep(2 + Math.random() * 6);
    }
  }
  const base = times.get(ways[0][0]) ?? [];
  for (const [way, what] of ways) {
    const own = times.get(way) ?? [];
    const { p50Ms, p99Ms } = percentilesOf(own);
    // Neighbours in time are compared, so that a slow moment falls on both.
    const more = median(own.map((ms, round) => ms - (base[round] ?? 0)));
    process.stdout.write(
      `${way.padEnd(18)} p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(2)} ms, ${more.toFixed(3).padStart(7)} ms more  ${what}\n`,
    );
  }
  producer.close();
  consumer.close();
} finally {
  await workerd.stop();
  rmSync(dir, { recursive: true, force: true });
}
