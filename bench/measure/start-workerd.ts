// Starts plain `workerd serve` on a bundle with its state on disk: no dev proxy, no inspector. The floor
// uses it, and edgeq's own bench does with its built bundle.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { startServer, type Server } from "./start-server.ts";

export interface WorkerdOptions {
  /** Where the configuration, the modules, the log and the objects' state go; state that is there is kept. */
  readonly dir: string;
  /** ES module text by module name; the first is the main module. */
  readonly modules: Readonly<Record<string, string>>;
  /** Class name of each Durable Object namespace by the name of its binding. */
  readonly objects: Readonly<Record<string, string>>;
  /** Further text bindings: environment variables and secrets. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** Default: a free one. Give the old one to start the same state again after a stop. */
  readonly port?: number;
}

export interface Workerd {
  readonly url: string;
  readonly port: number;
  /** For profilers, and for those who must kill it without grace. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** The executable itself: the package's `bin` is a Node wrapper around it. */
export function workerdProgram(): string {
  const { default: path } = createRequire(import.meta.url)("workerd") as { default: string };
  return path;
}

export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const { dir } = options;
  const port = options.port ?? (await freePort());
  mkdirSync(join(dir, "state"), { recursive: true });
  for (const [name, text] of Object.entries(options.modules)) writeFileSync(join(dir, name), text);
  writeFileSync(join(dir, "workerd.capnp"), configOf(options, port));
  const server: Server = await startServer({
    command: workerdProgram(),
    args: ["serve", "--experimental", join(dir, "workerd.capnp")],
    port,
    cwd: dir,
    logFile: join(dir, "workerd.log"),
  });
  return { url: `http://127.0.0.1:${port}`, port, pid: server.pid, stop: () => server.stop() };
}

/** Cap'n Proto text; JSON's string escapes are a subset of its own. */
function configOf(options: WorkerdOptions, port: number): string {
  const text = JSON.stringify;
  const modules = Object.keys(options.modules).map((name) => `(name = ${text(name)}, esModule = embed ${text(name)})`);
  const bindings = [
    ...Object.entries(options.objects).map(
      ([name, className]) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`,
    ),
    ...Object.entries(options.variables ?? {}).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
  ];
  const namespaces = Object.values(options.objects).map(
    (name) => `(className = ${text(name)}, uniqueKey = ${text(name)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "state", disk = (path = ${text(join(options.dir, "state"))}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "state"),
  compatibilityDate = ${text(options.compatibilityDate ?? "2026-08-15")},
  compatibilityFlags = [${(options.compatibilityFlags ?? []).map((flag) => text(flag)).join(", ")}],
);
`;
}
