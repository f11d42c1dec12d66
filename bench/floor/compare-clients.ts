// Which HTTP client is the fastest for the load process: undici's dispatch, undici's request, fetch, and
// node:http with a keep-alive agent, each for a while against the same Worker, in turn, three rounds.
// Run it by hand (`node floor/compare-clients.ts`); measure/http-client.ts holds the winner.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { httpClient } from "../measure/http-client.ts";
import { percentilesOf } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { runInFlight } from "../measure/run-in-flight.ts";
import { startWorkerd } from "../measure/start-workerd.ts";

const inFlight = 64;
const dir = mkdtempSync(join(tmpdir(), "edgeq-clients-"));
const source = readFileSync(new URL("worker/floor-worker.ts", import.meta.url), "utf8");
const workerd = await startWorkerd({
  dir,
  modules: { "floor-worker.js": stripTypeScriptTypes(source) },
  objects: { FLOOR: "FloorObject" },
});
const body = payloadOf(0, 100);
const dispatching = httpClient(workerd.url, inFlight);
const pool = new Pool(workerd.url, { connections: inFlight, pipelining: 1 });
const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

const clients: ReadonlyMap<string, (path: string) => Promise<unknown>> = new Map([
  ["undici dispatch", (path: string): Promise<unknown> => dispatching.send("POST", path, body)],
  [
    "undici request",
    async (path: string): Promise<unknown> => (await pool.request({ method: "POST", path, body })).body.text(),
  ],
  [
    "fetch",
    async (path: string): Promise<unknown> => (await fetch(workerd.url + path, { method: "POST", body })).text(),
  ],
  ["node:http", nodeHttp],
]);

function nodeHttp(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { "content-length": Buffer.byteLength(body) };
    const request = httpRequest(
      { host: "127.0.0.1", port: workerd.port, method: "POST", path, agent, headers },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve(text));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

try {
  for (let round = 1; round <= 3; round += 1) {
    for (const path of ["/static", "/nothing"]) {
      for (const [name, send] of clients) {
        const operation = async (): Promise<number> => {
          await send(path);
          return 1;
        };
        await runInFlight({ inFlight, maxMs: 300, maxOperations: 100_000, operation });
        const { tasks, elapsedMs, latenciesMs } = await runInFlight({
          inFlight,
          maxMs: 2_000,
          maxOperations: 100_000,
          operation,
        });
        const { p50Ms, p99Ms } = percentilesOf(latenciesMs);
        process.stdout.write(
          `${path} ${name}: ${Math.round((tasks / elapsedMs) * 1000)}/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms\n`,
        );
      }
    }
  }
} finally {
  await Promise.all([dispatching.close(), pool.close()]);
  agent.destroy();
  await workerd.stop();
  rmSync(dir, { recursive: true, force: true });
}
