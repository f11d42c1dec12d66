// Sockets to the directory that watch the overview. Each is notified that something has changed which its token may browse, but not
// what: it then asks, as it would without a socket, so that rights, order and pages are decided in one place. Queues report to the
// directory in calls that wake it anyway; while none does, the directory sleeps, however many watch it.

import { allows, type Grant } from "../api/grant.ts";
import { LIMITS } from "../core/limits.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { CLOSE } from "./open-server-socket.ts";
import { Pace } from "./pace.ts";

/** Between two messages to the same watchers, at least. ms. */
export const TELL_EVERY_MS = 2_000;
const CHANGED = JSON.stringify({ op: "overview" });

interface Host {
  readonly now: () => number;
  /** Runs something after a number of ms. */
  readonly later: (ms: number, run: () => void) => void;
}

interface Watcher {
  readonly grant: Grant;
  /** Whatever it may browse: those who share it are looked at once for a queue. */
  readonly sees: string;
}

export class OverviewWatchers {
  readonly #host: Host;
  readonly #watching = new Map<WebSocket, Watcher>();
  /** Those for whom something has changed since their last notification. */
  readonly #due = new Set<WebSocket>();
  readonly #pace: Pace;

  constructor(host: Host) {
    this.#host = host;
    this.#pace = new Pace(TELL_EVERY_MS, host.later, () => this.#tell());
  }

  /** Why no other may be opened with this grant; null: it may. */
  refusal({ owner, sockets: most = LIMITS.overviewSocketsOfToken }: Grant): Problem | null {
    if (this.#watching.size >= LIMITS.overviewSockets)
      return problem("overloaded", `The overview has ${LIMITS.overviewSockets} sockets`);
    if (owner === undefined) return null;
    const limit = Math.min(most, LIMITS.overviewSocketsOfToken);
    const own = [...this.#watching.values()].filter(({ grant }) => grant.owner === owner);
    if (own.length < limit) return null;
    return problem("rate-limited", `The token's limit is ${limit} sockets to the overview at one time`, { limit });
  }

  /** A socket that was accepted, now or before the directory slept. */
  add(socket: WebSocket, grant: Grant): void {
    this.#watching.set(socket, { grant, sees: JSON.stringify([grant.can, grant.queues]) });
  }

  delete(socket: WebSocket): void {
    this.#watching.delete(socket);
    this.#due.delete(socket);
  }

  /** Something about a queue is not as it was. */
  changed(name: string): void {
    const seen = new Map<string, boolean>();
    for (const [socket, { grant, sees }] of this.#watching) {
      if (this.#due.has(socket)) continue;
      const isSeen = seen.get(sees) ?? allows(grant, "browse", name);
      seen.set(sees, isSeen);
      if (isSeen) this.#due.add(socket);
    }
    this.#tell();
  }

  /** A token is good no longer: its sockets end. */
  revoked(id: string): void {
    for (const [socket, { grant }] of this.#watching) if (grant.tokenIds?.includes(id) === true) this.#expire(socket);
  }

  #tell(): void {
    const now = this.#host.now();
    if (this.#due.size === 0 || !this.#pace.isDue(now)) return;
    this.#pace.done(now);
    for (const socket of this.#due) {
      const endsAt = this.#watching.get(socket)?.grant.endsAt ?? Number.POSITIVE_INFINITY;
      if (endsAt <= now) this.#expire(socket);
      else this.#send(socket);
    }
    this.#due.clear();
  }

  #send(socket: WebSocket): void {
    try {
      socket.send(CHANGED);
    } catch {
      // It broke meanwhile.
      this.delete(socket);
    }
  }

  #expire(socket: WebSocket): void {
    socket.close(CLOSE.expired.code, CLOSE.expired.reason);
    this.delete(socket);
  }
}
