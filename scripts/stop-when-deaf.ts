// wrangler stays when the process that listens for it has ended, and does not listen again: a server at whose port nobody
// listens is stopped, so that another can be started.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "../src/serve/keep-running.ts";

const LOOK_MS = 1_000;
/** It listens anew within a moment when the Worker is bundled again. */
const MOST_REFUSED = 5;

/** Looks every second, from the first time that somebody listens until the server has ended. */
export async function stopWhenDeaf(url: string, server: Running): Promise<void> {
  const ended = new AbortController();
  void server.exited.then(() => ended.abort());
  let hasListened = false;
  for (let refused = 0; refused < MOST_REFUSED;) {
    await sleep(LOOK_MS, undefined, { signal: ended.signal }).catch(() => {});
    if (ended.signal.aborted) return;
    if (await listens(url)) {
      hasListened = true;
      refused = 0;
    } else if (hasListened) refused += 1;
  }
  console.error(`edgeq: nobody listens at ${url} any more`);
  await server.stop();
}

/** Whether there is a connection: how soon a request would be answered does not matter. */
function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((fulfil) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
    socket.once("connect", () => {
      socket.destroy();
      fulfil(true);
    });
    socket.once("error", () => fulfil(false));
  });
}
