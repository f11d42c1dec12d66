// What `cloudflare:workers` is in the simulation: the base class of objects, the flags that they ask for, sockets to accept, and
// nothing of the platform.

import { ServerEnd } from "./simulated-socket.ts";

/** As on Cloudflare: the objects are elsewhere. */
const bindings = {};
export { bindings as env };

/** Node's own refuses the status of an upgrade. */
class UpgradeResponse {
  readonly status: number;

  constructor(_body: null, init: { readonly status: number }) {
    this.status = init.status;
  }
}

class Pair {
  readonly 0 = null;
  readonly 1 = new ServerEnd();
}

Object.assign(globalThis, {
  Cloudflare: { compatibilityFlags: { enable_request_signal: true } },
  Response: UpgradeResponse,
  WebSocketPair: Pair,
  WebSocketRequestResponsePair: Object,
});

export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
