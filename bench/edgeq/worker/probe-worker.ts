// edgeq inside a Worker of the bench: the same routes and the same objects, and beside them what no user may ask: what a
// queue's object has cost, and time moved by hand, so that costs are counted and not timed. It knows of edgeq only what
// src/index.ts exports, so that it can be put around other commits too.
import edgeq, { QueueObject as Queue } from "../../../src/index.ts";
import type { Count, Counts } from "../counts.ts";
import { meteredBindings } from "./metered-bindings.ts";
import { meterSql } from "./meter-sql.ts";

// The object below takes the place of edgeq's own.
export * from "../../../src/index.ts";

type EdgeqBindings = Parameters<typeof edgeq.fetch>[1];

interface Bindings extends Omit<EdgeqBindings, "QUEUE"> {
  readonly QUEUE: DurableObjectNamespace<QueueObject>;
}

/** Once it is moved by hand, it stands still but for that, and no alarm rings by itself. */
const clock = { byHand: false, now: 0 };
const platformNow = Date.now.bind(Date);
Date.now = (): number => (clock.byHand ? clock.now : platformNow());

/** Calls on all objects of the process: the Worker and its objects share it. */
const calls = { objectRequests: 0 };
const countCall = (): void => {
  calls.objectRequests += 1;
};

/** The object with its meters: what is billed, counted where it happens. */
export class QueueObject extends Queue {
  readonly #counts: { -readonly [Name in Exclude<Count, "objectRequests">]: number };
  readonly #alarm: { at: number | null };

  constructor(ctx: DurableObjectState, env: EdgeqBindings) {
    const counts = { rowsRead: 0, rowsWritten: 0, timedRows: 0, alarmsSet: 0, alarmsRung: 0 };
    const alarm: { at: number | null } = { at: null };
    const setAlarm = ctx.storage.setAlarm.bind(ctx.storage);
    ctx.storage.setAlarm = (at: number | Date): Promise<void> => {
      counts.alarmsSet += 1;
      alarm.at = Number(at);
      return clock.byHand ? Promise.resolve() : setAlarm(at);
    };
    meterSql(ctx.storage, counts);
    super(ctx, meteredBindings(env, countCall));
    this.#counts = counts;
    this.#alarm = alarm;
  }

  override async alarm(): Promise<void> {
    this.#counts.alarmsRung += 1;
    await super.alarm();
  }

  counts(): Counts {
    return { ...this.#counts, ...calls };
  }

  /** Time passes, and the alarm rings as often as it is due. */
  async pass(ms: number): Promise<void> {
    const until = Date.now() + ms;
    clock.byHand = true;
    while (this.#alarm.at !== null && this.#alarm.at <= until) {
      clock.now = Math.max(clock.now, this.#alarm.at);
      this.#alarm.at = null;
      await this.alarm();
    }
    clock.now = until;
  }
}

// oxlint-disable-next-line import/no-default-export -- the platform takes its handlers from the default export
export default {
  async fetch(request, env, ctx): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith("/bench/")) return edgeq.fetch(request, meteredBindings(env, countCall), ctx);
    const queue = env.QUEUE.getByName(pathname.slice("/bench/".length));
    if (request.method === "POST") await queue.pass(Number(searchParams.get("ms")));
    return Response.json(await queue.counts());
  },
} satisfies ExportedHandler<Bindings>;
