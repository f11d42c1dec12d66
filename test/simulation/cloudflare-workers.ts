// What `cloudflare:workers` is in the simulation: the base class of objects, and nothing of the platform.

export class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
