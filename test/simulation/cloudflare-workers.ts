// What `cloudflare:workers` is in the simulation: the base class of objects, the flags that they ask for, and nothing of the
// platform.

Object.assign(globalThis, { Cloudflare: { compatibilityFlags: { enable_request_signal: true } } });

export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
