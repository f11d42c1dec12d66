// The history, sorted by task: who wrote it, who was given it, who settled it, and what was answered. A task is followed by
// the token in its payload, which no two writes share and which stays with it wherever it moves.

import type { Call, Event, QueueSettings } from "../history.ts";

export type Outcome = "done" | "refused" | "unknown";

/** A task that somebody asked a queue to write. */
export interface Write {
  readonly n: string;
  readonly token: string;
  /** Where it was to be written. */
  readonly queue: string;
  /** The producer's own id, or the one that was answered. */
  readonly id: string | null;
  readonly hasOwnId: boolean;
  readonly outcome: Outcome | "duplicate";
  readonly visibleAt: number | null;
  readonly expires: boolean;
  readonly sentAt: number;
  /** Infinity: never answered. */
  readonly answeredAt: number;
  /** The proxy sent the call twice. */
  readonly isRepeated: boolean;
  readonly isPlain: boolean;
  readonly key: string | null;
  /** Its place among those that were written by the same call. */
  readonly index: number;
  /** The modify that it was part of. */
  readonly modify: Modify | null;
}

/** A task that somebody was given. */
export interface Delivery {
  readonly queue: string;
  readonly id: string;
  readonly token: string;
  readonly claim: string;
  readonly version: number;
  readonly attempts: number;
  readonly lane: string;
  readonly priority: number;
  readonly key: string | null;
  /** What was claimed by one call has one, and each task its place in it. */
  readonly call: string;
  readonly index: number;
  readonly visibleAt: number;
  readonly expiresAt: number | null;
  readonly claimedUntil: number;
  /** The server's time of the claim. */
  readonly claimedAt: number;
  /** Pushes are asked for long before: 0. */
  readonly sentAt: number;
  readonly heardAt: number;
  readonly origin: { readonly queue: string; readonly id: string; readonly attempts: number } | null;
  /** The socket that gives back what it holds when it closes; null: there is none. */
  readonly releasedWith: string | null;
}

/** What somebody asked to be done with one claim, or with a task by its id. */
export interface Settlement {
  readonly n: string;
  readonly how: "ack" | "nack" | "release" | "bury" | "extend" | "delete" | "change" | "keep" | "depend" | "cancel";
  readonly queue: string;
  readonly claim: string | null;
  readonly id: string | null;
  /** The version that it must have found. */
  readonly version: number | null;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly outcome: Outcome;
  /** An extension's new deadline, a nack's delay. */
  readonly claimedUntil: number | null;
  readonly delayMs: number | null;
  /** The claim timeout that an extension asked for. */
  readonly timeoutMs: number | null;
  readonly modify: Modify | null;
}

export interface Modify {
  readonly n: string;
  readonly outcome: Outcome;
  readonly tokens: readonly string[];
}

/** What somebody asked to be set for one key. */
export interface KeyChange {
  readonly queue: string;
  readonly key: string;
  readonly paused: boolean;
  readonly outcome: Outcome;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** A moment at which a queue may have given tasks to somebody who never heard of it. */
export interface Unheard {
  readonly queue: string;
  readonly from: number;
  readonly until: number;
}

export interface Left {
  readonly queue: string;
  readonly id: string;
  readonly token: string;
  readonly state: string;
  readonly attempts: number;
  readonly origin: Delivery["origin"];
}

export interface Lives {
  readonly settings: Readonly<Record<string, QueueSettings>>;
  readonly writes: readonly Write[];
  readonly deliveries: readonly Delivery[];
  readonly settlements: readonly Settlement[];
  readonly unheard: readonly Unheard[];
  readonly left: readonly Left[];
  /** What looking showed: which task was where. */
  readonly sightings: readonly { readonly queue: string; readonly id: string; readonly token: string }[];
  readonly stats: readonly { readonly queue: string; readonly said: Readonly<Record<string, unknown>> }[];
  /** When a redrive was asked for, of any queue. */
  readonly redrives: readonly number[];
  readonly keyChanges: readonly KeyChange[];
  /** Socket -> when its connection may first have ended. */
  readonly cuts: ReadonlyMap<string, number>;
  readonly operations: number;
}

/**
 * How long after it was sent a call may still be taken: the proxy holds it for 3 s at most, the server is stopped for 3 s at
 * most, and a loaded machine takes the rest.
 */
export const LATE_MS = 8_000;

/** What a socket was last granted. */
interface Credit {
  readonly queue: string;
  readonly claimTimeoutMs: number | null;
  readonly release: boolean;
  readonly isSettled: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

interface Answered {
  readonly outcome: Outcome;
  readonly ok: Fields;
  readonly at: number;
  readonly isRepeated: boolean;
}

export function livesOf(events: readonly Event[]): Lives {
  const answers = new Map<string, { readonly at: number; readonly ok?: unknown; readonly code?: string }>();
  const repeated = new Set<string>();
  const cuts = new Map<string, number>();
  const credits = new Map<string, Credit>();
  let settings: Readonly<Record<string, QueueSettings>> = {};
  for (const event of events) {
    if (event.kind === "began") ({ settings } = event);
    else if (event.kind === "answer") answers.set(event.n, { at: event.at, ok: event.ok });
    else if (event.kind === "problem") answers.set(event.n, { at: event.at, code: event.code });
    else if (event.kind === "repeated") repeated.add(event.n);
    else if (event.kind === "cut" && !cuts.has(event.socket)) cuts.set(event.socket, event.at);
  }

  const answerTo = (n: string): Answered => {
    const answer = answers.get(n);
    const isRepeated = repeated.has(n);
    const nothing = { ok: {}, at: answer?.at ?? Infinity, isRepeated };
    if (answer === undefined || answer.code === "internal") return { ...nothing, outcome: "unknown", at: Infinity };
    // The copy may have come first, and this one been refused because of it.
    if (answer.code !== undefined) return { ...nothing, outcome: isRepeated ? "unknown" : "refused" };
    return { ...nothing, outcome: "done", ok: answer.ok as Fields };
  };

  const writes: Write[] = [];
  const deliveries: Delivery[] = [];
  const settlements: Settlement[] = [];
  const unheard: Unheard[] = [];
  const left: Left[] = [];
  const sightings: { queue: string; id: string; token: string }[] = [];
  const stats: { queue: string; said: Fields }[] = [];
  const redrives: number[] = [];
  const keyChanges: KeyChange[] = [];
  let operations = 0;

  const timeoutOf = (queue: string, asked: unknown): number =>
    typeof asked === "number" ? asked : (settings[queue]?.claimTimeoutMs ?? 30_000);

  for (const event of events) {
    if (event.kind === "push") {
      const credit = credits.get(event.socket);
      for (const [index, task] of (event.tasks as Fields[]).entries()) {
        deliveries.push(
          deliveryOf(task, event.queue, {
            call: `${event.socket}@${event.at}`,
            index,
            timeoutMs: Math.max(LEAST_PUSH_MS, timeoutOf(event.queue, credit?.claimTimeoutMs)),
            sentAt: 0,
            heardAt: event.at,
            releasedWith: credit?.release === true ? event.socket : null,
          }),
        );
      }
    } else if (event.kind === "left") {
      stats.push({ queue: event.queue, said: event.stats });
      for (const task of event.tasks as Fields[]) {
        left.push({
          queue: event.queue,
          id: String(task["id"]),
          token: tokenOf(task["payload"]),
          state: String(task["state"]),
          attempts: Number(task["attempts"]),
          origin: (task["origin"] ?? null) as Delivery["origin"],
        });
      }
    } else if (event.kind === "call") {
      operations += 1;
      const answer = answerTo(event.n);
      if (event.op === "enqueue") writes.push(...enqueued(event, event.at, answer));
      else if (event.op === "modify") modified(event, event.at, answer, writes, settlements);
      else if (event.op === "redrive") redrives.push(event.at);
      else if (event.op === "setKey") {
        keyChanges.push({
          queue: event.queue,
          key: String(event.body["key"]),
          paused: event.body["paused"] === true,
          outcome: answer.outcome,
          sentAt: event.at,
          answeredAt: answer.at,
        });
      } else if (event.op === "browse") {
        for (const task of (answer.ok["tasks"] ?? []) as Fields[])
          sightings.push({ queue: event.queue, id: String(task["id"]), token: tokenOf(task["payload"]) });
      } else if (event.op === "cancelTask" || event.op === "changeTask") {
        settlements.push({
          ...settlementOf(event, event.at, answer, event.op === "cancelTask" ? "cancel" : "change"),
          id: String(event.body["id"]),
          version: numberOrNull(event.body["version"]),
        });
      } else if (event.op === "ack" || event.op === "nack" || event.op === "extend")
        settlements.push(...settled(event, event.at, answer));
      else if (event.op === "credit" && event.socket !== undefined) {
        const before = credits.get(event.socket);
        const credit = {
          queue: event.queue,
          claimTimeoutMs: numberOrNull(event.body["claimTimeoutMs"]) ?? before?.claimTimeoutMs ?? null,
          release: before?.release === true || event.body["release"] === true,
        };
        // The answer to a credit of nothing comes after all that was pushed, so no push is lost with the socket.
        const isSettled = event.body["n"] === 0 && answer.outcome === "done";
        credits.set(event.socket, { ...credit, isSettled });
      } else if (event.op === "claim") {
        if (answer.outcome === "unknown" || answer.isRepeated)
          unheard.push({ queue: event.queue, from: event.at, until: event.at + LATE_MS });
        for (const [index, task] of ((answer.ok["tasks"] ?? []) as Fields[]).entries()) {
          deliveries.push(
            deliveryOf(task, event.queue, {
              call: event.n,
              index,
              timeoutMs: timeoutOf(event.queue, event.body["claimTimeoutMs"]),
              sentAt: event.at,
              heardAt: answer.at,
              // Over a socket with credit, what it claims is held by it too.
              releasedWith:
                event.socket !== undefined && credits.get(event.socket)?.release === true ? event.socket : null,
            }),
          );
        }
      }
    }
  }
  for (const [socket, { queue, isSettled }] of credits) {
    const cut = cuts.get(socket);
    // A push that was not heard was under way when the socket broke.
    if (cut !== undefined && !isSettled) unheard.push({ queue, from: cut - LATE_MS, until: cut + LATE_MS });
  }
  return {
    settings,
    writes,
    deliveries,
    settlements,
    unheard,
    left,
    sightings,
    stats,
    redrives,
    keyChanges,
    cuts,
    operations,
  };
}

/** What is pushed is claimed for this long at least, whatever was asked for (docs/socket.md). ms. */
const LEAST_PUSH_MS = 1_000;

function deliveryOf(
  task: Fields,
  queue: string,
  how: Pick<Delivery, "call" | "index" | "sentAt" | "heardAt" | "releasedWith"> & { readonly timeoutMs: number },
): Delivery {
  const claimedUntil = Number(task["claimedUntil"]);
  return {
    queue,
    id: String(task["id"]),
    token: tokenOf(task["payload"]),
    claim: String(task["claim"]),
    version: Number(task["version"]),
    attempts: Number(task["attempts"]),
    lane: String(task["lane"]),
    priority: Number(task["priority"]),
    key: textOrNull(task["key"]),
    call: how.call,
    index: how.index,
    visibleAt: Number(task["visibleAt"]),
    expiresAt: numberOrNull(task["expiresAt"]),
    claimedUntil,
    claimedAt: claimedUntil - how.timeoutMs,
    sentAt: how.sentAt,
    heardAt: how.heardAt,
    origin: (task["origin"] ?? null) as Delivery["origin"],
    releasedWith: how.releasedWith,
  };
}

function enqueued(call: Call, sentAt: number, answer: Answered): Write[] {
  const tasks = (call.body["tasks"] ?? [call.body]) as Fields[];
  const answered = (answer.ok["tasks"] ?? []) as Fields[];
  return tasks.map((task, index) => {
    const said = answered[index];
    const isDuplicate = said?.["duplicate"] === true;
    return {
      ...writeOf(call, task, index, sentAt, answer),
      id: textOrNull(task["id"]) ?? textOrNull(said?.["id"]),
      // A duplicate that was sent twice may have been written by its copy, which nobody heard of.
      outcome: isDuplicate ? (answer.isRepeated ? "unknown" : "duplicate") : answer.outcome,
      visibleAt: isDuplicate ? null : numberOrNull(said?.["visibleAt"]),
      modify: null,
    };
  });
}

function writeOf(
  call: Call,
  task: Fields,
  index: number,
  sentAt: number,
  answer: Answered,
): Omit<Write, "modify" | "outcome" | "id"> {
  return {
    n: call.n,
    token: tokenOf(task["payload"]),
    queue: call.queue,
    hasOwnId: task["id"] !== undefined,
    visibleAt: null,
    expires: task["ttlMs"] !== undefined,
    sentAt,
    answeredAt: answer.at,
    isRepeated: answer.isRepeated,
    isPlain: task["delayMs"] === undefined && task["visibleAt"] === undefined,
    key: textOrNull(task["key"]),
    index,
  };
}

function settlementOf(call: Call, sentAt: number, answer: Answered, how: Settlement["how"]): Settlement {
  return {
    n: call.n,
    how,
    queue: call.queue,
    claim: null,
    id: null,
    version: null,
    sentAt,
    answeredAt: answer.at,
    outcome: answer.outcome,
    claimedUntil: null,
    delayMs: null,
    timeoutMs: numberOrNull(call.body["claimTimeoutMs"]),
    modify: null,
  };
}

function settled(call: Call, sentAt: number, answer: Answered): Settlement[] {
  const results = (answer.ok["results"] ?? []) as Fields[];
  return (call.body["claims"] as readonly (string | Fields)[]).map((item, index) => {
    const { claim, delayMs, release, snooze, dead }: Fields = typeof item === "string" ? { claim: item } : item;
    const result = results[index];
    const said: Outcome = answer.outcome !== "done" ? answer.outcome : result?.["ok"] === true ? "done" : "refused";
    const nack = release === true || snooze === true ? "release" : dead === true ? "bury" : "nack";
    return {
      ...settlementOf(call, sentAt, answer, call.op === "nack" ? nack : (call.op as "ack" | "extend")),
      claim: String(claim),
      outcome: said === "refused" && answer.isRepeated ? "unknown" : said,
      claimedUntil: numberOrNull(result?.["claimedUntil"]),
      delayMs: numberOrNull(delayMs),
    };
  });
}

function modified(call: Call, sentAt: number, answer: Answered, writes: Write[], settlements: Settlement[]): void {
  const inserts = (call.body["insert"] ?? []) as Fields[];
  const modify: Modify = {
    n: call.n,
    outcome: answer.outcome,
    tokens: inserts.filter((item) => item["document"] === undefined).map((item) => tokenOf(item["payload"])),
  };
  for (const [index, item] of inserts.entries()) {
    if (item["document"] !== undefined) continue;
    writes.push({
      ...writeOf(call, item, index, sentAt, answer),
      queue: textOrNull(item["queue"]) ?? call.queue,
      id: textOrNull(item["id"]),
      outcome: answer.outcome,
      // Over the way to another queue it is visible later, and in whatever order.
      isPlain: false,
      modify,
    });
  }
  const changed = (answer.ok["changed"] ?? []) as Fields[];
  for (const how of ["change", "delete", "depend"] as const) {
    for (const [index, item] of ((call.body[how] ?? []) as Fields[]).entries()) {
      if (item["document"] !== undefined) continue;
      settlements.push({
        ...settlementOf(call, sentAt, answer, how === "change" && item["keepClaim"] === true ? "keep" : how),
        claim: textOrNull(item["claim"]),
        id: textOrNull(item["id"]),
        version: numberOrNull(item["version"]),
        claimedUntil: how === "change" ? numberOrNull(changed[index]?.["claimedUntil"]) : null,
        timeoutMs: numberOrNull(item["claimTimeoutMs"]),
        modify,
      });
    }
  }
}

/** The token of a payload: `{"t": token, ...}`, or text that begins with it. */
export function tokenOf(payload: unknown): string {
  if (typeof payload === "string") return payload;
  return String((payload as { readonly t?: unknown } | null)?.t);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
