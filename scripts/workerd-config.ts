// The configuration of plain workerd for the bundle, in Cap'n Proto's text form. It holds no path and no secret, so that
// the folder of a build can be copied anywhere: the address and the state's folder are given on workerd's command line,
// and secrets in its environment.

import { SOCKET, STATE_DISK } from "../src/serve/workerd-server.ts";
import type { WorkerConfig } from "./worker-config.ts";

/** Taken from workerd's environment; null in the Worker when they are absent there. */
const FROM_ENVIRONMENT = [
  "EDGEQ_AUTH",
  "EDGEQ_KEYS",
  "EDGEQ_ISSUERS",
  "EDGEQ_ALLOWED_HOSTS",
  "EDGEQ_CORS_ORIGINS",
  "EDGEQ_LOG",
] as const;

/** @param bundle the bundle's path, relative to the configuration's own */
export function workerdConfig(worker: WorkerConfig, bundle: string): string {
  const bindings = [
    ...worker.durableObjects.map(
      ({ binding, className }) => `(name = ${text(binding)}, durableObjectNamespace = ${text(className)})`,
    ),
    ...Object.entries(worker.vars).map(([name, value]) =>
      typeof value === "string"
        ? `(name = ${text(name)}, text = ${text(value)})`
        : `(name = ${text(name)}, json = ${text(JSON.stringify(value))})`,
    ),
    // See src/object/openings.ts.
    `(name = "EDGEQ_ONE_THREAD", text = "yes")`,
    ...FROM_ENVIRONMENT.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`),
  ];
  // The key must stay the same for ever: the databases are found by it.
  const namespaces = worker.durableObjects.map(
    ({ className }) =>
      `(className = ${text(className)}, uniqueKey = ${text(`${worker.name}-${className}`)}, enableSql = true)`,
  );
  return `# Made by scripts/bundle.ts from wrangler.toml. Serve it with
#   EDGEQ_KEYS=... workerd serve <this file> --socket-addr=${SOCKET}=127.0.0.1:8787 --directory-path=${STATE_DISK}=<folder>
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = ${text(STATE_DISK)}, disk = (writable = true)),
    # The issuers of tokens, whose addresses only the owner configures, may be in the owner's own network.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = ${text(SOCKET)}, http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed ${text(bundle)})],
  compatibilityDate = ${text(worker.compatibilityDate)},
  compatibilityFlags = ${list(worker.compatibilityFlags.map(text))},
  bindings = ${list(bindings)},
  durableObjectNamespaces = ${list(namespaces)},
  durableObjectStorage = (localDisk = ${text(STATE_DISK)}),
);
`;
}

/** Cap'n Proto's text literals are C's, and so are JSON's but for what lies beyond ASCII. */
function text(value: string): string {
  return JSON.stringify(value);
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "[]" : `[\n    ${items.join(",\n    ")},\n  ]`;
}
