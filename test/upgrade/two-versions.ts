// Two versions in one workerd, as a deploy leaves them: each one's Worker calls the other's objects, and each one's objects send
// to the other's. Requests reach the Worker of a version under a path of its own.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { readWorkerConfig } from "../../scripts/worker-config.ts";
import { SOCKET, startServer, STATE_DISK, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { built } from "../node/built.ts";

/** The bundle that `npm run earlier-worker` makes. */
export const EARLIER_WORKER = resolve(import.meta.dirname, "earlier-worker.js.gz");

const VERSIONS = ["earlier", "later"] as const;
export type Version = (typeof VERSIONS)[number];

export interface TwoVersions {
  /** Where the Worker of a version answers. The objects behind it are the other's. */
  url(worker: Version): string;
  stop(): Promise<void>;
}

/** @param env what the Workers find in their environment */
export async function startTwoVersions(env: Readonly<Record<string, string>>): Promise<TwoVersions> {
  const folder = mkdtempSync(join(tmpdir(), "edgeq-versions-"));
  const { modulePath } = await built("worker");
  writeFileSync(join(folder, "later.js"), readFileSync(modulePath));
  writeFileSync(join(folder, "earlier.js"), gunzipSync(readFileSync(EARLIER_WORKER)));
  writeFileSync(join(folder, "by-path.js"), BY_PATH);
  const configPath = join(folder, "config.capnp");
  writeFileSync(configPath, configOf(Object.keys(env)));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let server: WorkerdServer;
  try {
    server = await startServer({ configPath, stateDir: join(folder, "state"), env, output: "ignore" });
  } catch (error) {
    remove();
    throw error;
  }
  return {
    url: (worker) => `${server.url}/${worker}`,
    async stop() {
      await server.stop();
      remove();
    },
  };
}

/** "/later/v1/..." goes to the Worker of that version; the server itself asks for /v1/health. */
const BY_PATH = `export default {
  fetch(request, env) {
    const url = new URL(request.url);
    const [, version, ...rest] = url.pathname.split("/");
    if (env[version] === undefined) return env.later.fetch(request);
    url.pathname = "/" + rest.join("/");
    return env[version].fetch(new Request(url, request));
  },
};`;

function configOf(environment: readonly string[]): string {
  const { compatibilityDate, compatibilityFlags } = readWorkerConfig();
  const flags = compatibilityFlags.map((flag) => JSON.stringify(flag)).join(", ");
  const variables = environment.map((name) => `(name = "${name}", fromEnvironment = "${name}")`);
  const common = `compatibilityDate = "${compatibilityDate}", compatibilityFlags = [${flags}]`;
  const services = VERSIONS.map((version) => {
    const other = version === "later" ? "earlier" : "later";
    const objects = ["QueueObject", "DirectoryObject"];
    const bindings = [
      ["QUEUE", "QueueObject"],
      ["DIRECTORY", "DirectoryObject"],
    ].map(
      ([name, className]) =>
        `(name = "${name}", durableObjectNamespace = (className = "${className}", serviceName = "${other}"))`,
    );
    const namespaces = objects.map(
      (name) => `(className = "${name}", uniqueKey = "${version}-${name}", enableSql = true)`,
    );
    return `(name = "${version}", worker = (${common},
      modules = [(name = "${version}.js", esModule = embed "${version}.js")],
      bindings = [${[...bindings, ...variables].join(", ")}],
      durableObjectNamespaces = [${namespaces.join(", ")}],
      durableObjectStorage = (localDisk = "${STATE_DISK}")))`;
  });
  const routes = VERSIONS.map((version) => `(name = "${version}", service = "${version}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "by-path", worker = (${common}, modules = [(name = "by-path.js", esModule = embed "by-path.js")],
      bindings = [${routes.join(", ")}])),
    ${services.join(",\n    ")},
    (name = "${STATE_DISK}", disk = (writable = true)),
  ],
  sockets = [(name = "${SOCKET}", http = (), service = "by-path")],
);
`;
}
