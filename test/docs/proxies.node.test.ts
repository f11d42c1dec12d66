// The proxies' configurations of docs/self-host.md, run as they are shown in front of a server: all that clients use goes through them.
// Their addresses and certificates are not to be had here, so that they listen on this machine, without TLS.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { Queue } from "../../src/client/index.ts";
import { SocketChannel } from "../../src/client/socket-channel.ts";
import { consume } from "../../src/consumer/index.ts";
import { exitOf } from "../../src/serve/child-exit.ts";
import { freePort } from "../../src/serve/listen-address.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { temporaryFolder } from "../scripts/run-script.ts";
import { blocksOf } from "./walk-page.ts";

interface Proxy {
  readonly program: string;
  args(file: string, dir: string): string[];
  /** The page's block, for an address of this machine. */
  here(shown: string, port: number, dir: string): string;
}

const PROXIES: Readonly<Record<string, Proxy>> = {
  caddyfile: {
    program: "/usr/bin/caddy",
    args: (file) => ["run", "--adapter", "caddyfile", "--config", file],
    here: (shown, port) => `{\nadmin off\n}\n${shown.replace("queue.example.com", `http://127.0.0.1:${port}`)}`,
  },
  nginx: {
    program: "/usr/sbin/nginx",
    args: (file, dir) => ["-p", dir, "-c", file, "-e", "stderr", "-g", "daemon off;"],
    here: (shown, port, dir) =>
      `${process.getuid?.() === 0 ? "user root;\n" : ""}pid ${dir}/pid;\nevents {}\nhttp {\naccess_log off;\n` +
      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((kind) => `${kind}_temp_path ${dir}/${kind};\n`)
        .join("") +
      `${shown.replace("443 ssl", `127.0.0.1:${port}`).replaceAll(/^ *ssl_.*\n/gm, "")}}`,
  },
};

const server = serverForTests();

for (const [kind, proxy] of Object.entries(PROXIES)) {
  test.skipIf(!existsSync(proxy.program))(
    `requests, claims that wait and sockets go through ${kind}'s (${proxy.program})`,
    async () => {
      const block = blocksOf(await readFile(join(PROJECT_DIR, "docs/self-host.md"), "utf8")).find(
        (one) => one.kind === kind,
      );
      const dir = temporaryFolder();
      const port = await freePort({ host: "127.0.0.1", port: 0 });
      const file = join(dir, "configuration");
      await writeFile(
        file,
        proxy.here((block?.body ?? "").replace("127.0.0.1:8787", new URL(server.url).host), port, dir),
      );
      const child = spawn(proxy.program, proxy.args(file, dir), {
        env: { HOME: dir },
        stdio: "ignore",
      });
      const exited = exitOf(child);
      onTestFinished(async () => {
        child.kill("SIGTERM");
        await exited;
      });
      const url = `http://127.0.0.1:${port}`;
      await vi.waitFor(async () => expect((await fetch(`${url}/v1/health`)).status).toBe(200), {
        timeout: 10_000,
      });

      const queue = new Queue<string>("proxied", { url });
      const waiting = queue.claim({ waitMs: 10_000 });
      // 15 MiB, in one request.
      const long = "x".repeat(2 ** 20 - 100);
      await queue.enqueueBatch(Array.from({ length: 15 }, () => ({ payload: long })));
      expect(await waiting).toHaveLength(1);
      const sockets = vi.spyOn(SocketChannel, "open");
      onTestFinished(() => sockets.mockRestore());
      let done = 0;
      const consumer = consume(() => void (done += 1), { queue, concurrency: 4 });
      await vi.waitFor(() => expect(done).toBe(14), { timeout: 20_000 });
      await consumer.stop();
      await expect(sockets.mock.results[0]?.value).resolves.toBeInstanceOf(SocketChannel);
    },
  );
}
