// A RabbitMQ node of its own: its own name, directories, cookie, ports and port mapper (epmd), so that
// it neither meets nor disturbs a node that the machine already runs.
import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, missingProgram } from "../measure/find-program.ts";
import { freePort } from "../measure/free-port.ts";
import { startServer } from "../measure/start-server.ts";

// The package's own script, not Debian's wrapper, which changes to the system's node and its user.
const program = findProgram("rabbitmq-server", "/usr/lib/rabbitmq/bin");
const portMapper = findProgram("epmd", "/usr/lib/erlang/erts-*/bin");

export const missingRabbitmq = (): string | null => missingProgram("rabbitmq-server", program, portMapper);

export async function startRabbitmq(dir: string): Promise<{ url: string; version: string; stop(): Promise<void> }> {
  if (program === null || portMapper === null) throw new Error("rabbitmq-server is missing");
  const home = join(dir, "rabbitmq");
  mkdirSync(home);
  const [port, clusterPort, mapperPort] = await Promise.all([freePort(), freePort(), freePort()]);
  writeFileSync(join(home, "rabbitmq.conf"), `listeners.tcp.1 = 127.0.0.1:${port}\nlog.console.level = warning\n`);
  writeFileSync(join(home, "enabled_plugins"), "[].\n");
  const owner = process.getuid?.() === 0 ? rabbitmqUser() : undefined;
  if (owner)
    for (const path of ["", "rabbitmq.conf", "enabled_plugins"]) chownSync(join(home, path), owner.uid, owner.gid);
  const env = {
    HOME: home,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(mapperPort),
    RABBITMQ_NODENAME: `edgeq-bench-${port}@localhost`,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(clusterPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: join(home, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(home, "data"),
    RABBITMQ_LOG_BASE: join(home, "log"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_PID_FILE: join(home, "pid"),
  };
  const mapper = await startServer({
    command: portMapper,
    args: [],
    port: mapperPort,
    logFile: join(dir, "epmd.log"),
    env,
    owner,
  });
  try {
    const node = await startServer({
      command: program,
      args: [],
      port,
      logFile: join(dir, "rabbitmq.log"),
      env,
      owner,
      cwd: home,
      startMs: 60_000,
    });
    return {
      url: `amqp://guest:guest@127.0.0.1:${port}`,
      version: versionOf(join(dir, "rabbitmq.log")),
      async stop() {
        await node.stop();
        await mapper.stop();
      },
    };
  } catch (failure) {
    await mapper.stop();
    throw failure;
  }
}

/** From the banner that the node prints as it starts: `RabbitMQ 3.10.8`. */
function versionOf(logFile: string): string {
  return /RabbitMQ (\d+\.\d+\.\d+)/.exec(readFileSync(logFile, "utf8"))?.[1] ?? "unknown";
}

function rabbitmqUser(): { uid: number; gid: number } | undefined {
  const entry = /^rabbitmq:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  return entry ? { uid: Number(entry[1]), gid: Number(entry[2]) } : undefined;
}
