// edgeq inside a Worker of the bench: the same routes and the same objects, and beside them what no user
// may ask: what a queue's object has cost, and time moved by hand, so that costs are counted and not timed.
import type { InputOf, OperationName, OutcomeOf } from "../../../src/core/operation.ts";
import { fetchRoute } from "../../../src/http/router.ts";
import { QueueObject as Queue } from "../../../src/object/queue-object.ts";
import type { ObjectBindings } from "../../../src/object/queue-stub.ts";
import type { Count, Counts } from "../counts.ts";

export { DirectoryObject } from "../../../src/object/directory-object.ts";

interface Bindings extends Omit<ObjectBindings, "QUEUE"> {
  readonly QUEUE: DurableObjectNamespace<QueueObject>;
}

/** Once it is moved by hand, it stands still but for that, and no alarm rings by itself. */
const clock = { byHand: false, now: 0 };
const platformNow = Date.now.bind(Date);
Date.now = (): number => (clock.byHand ? clock.now : platformNow());

/** The object with its meters: what is billed, counted where it happens. */
export class QueueObject extends Queue {
  readonly #counts: { -readonly [Name in Count]: number };
  readonly #alarm: { at: number | null };

  constructor(ctx: DurableObjectState, env: ObjectBindings) {
    const counts = { rowsRead: 0, rowsWritten: 0, objectRequests: 0, alarmsSet: 0, alarmsRung: 0 };
    const alarm: { at: number | null } = { at: null };
    const setAlarm = ctx.storage.setAlarm.bind(ctx.storage);
    ctx.storage.setAlarm = (at: number | Date): Promise<void> => {
      counts.alarmsSet += 1;
      alarm.at = Number(at);
      return clock.byHand ? Promise.resolve() : setAlarm(at);
    };
    super(ctx, env);
    this.#counts = counts;
    this.#alarm = alarm;
  }

  override operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>> {
    this.#counts.objectRequests += 1;
    return super.operate(operation, input);
  }

  override async alarm(): Promise<void> {
    this.#counts.alarmsRung += 1;
    await super.alarm();
  }

  counts(): Counts {
    return { ...this.#counts, ...this.usage() };
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
    if (!pathname.startsWith("/bench/")) return fetchRoute(request, env, ctx);
    const queue = env.QUEUE.getByName(pathname.slice("/bench/".length));
    if (request.method === "POST") await queue.pass(Number(searchParams.get("ms")));
    return Response.json(await queue.counts());
  },
} satisfies ExportedHandler<Bindings>;
