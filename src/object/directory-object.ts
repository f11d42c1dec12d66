// Which queues exist, and the last report of each; watchers are notified when that changes. Queues register through their outbox.

import { DurableObject } from "cloudflare:workers";
import type { Grant } from "../api/grant.ts";
import type { InputOf } from "../core/operation.ts";
import type { OverviewPage, OverviewPlace, QueueReport, ReportedQueue } from "../core/queue-report.ts";
import type { RevokedToken } from "../core/revoked-token.ts";
import type { Message, ReceiveOutcome } from "../queue/queue.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { ListedQueues, type DirectoryEntry } from "./listed-queues.ts";
import { ObjectSql } from "./object-sql.ts";
import { OneByOne } from "./one-by-one.ts";
import { OPENINGS } from "./openings.ts";
import { openServerSocket } from "./open-server-socket.ts";
import { OverviewWatchers } from "./overview-watchers.ts";
import { ReportedQueues } from "./reported-queues.ts";
import { RevokedTokens } from "./revoked-tokens.ts";
import { RewindsUnderWay, type PutBack } from "./rewinds-under-way.ts";

/** Queues that may have to be notified that they were put back. */
interface Queues {
  readonly QUEUE: {
    getByName(name: string): { operate(operation: "reincarnate", input: InputOf<"reincarnate">): Promise<unknown> };
  };
}

export class DirectoryObject extends DurableObject<Queues> {
  readonly #sql: ObjectSql;
  readonly #listed: ListedQueues;
  readonly #reported: ReportedQueues;
  readonly #alarm: AlarmClock;
  readonly #revoked: RevokedTokens;
  readonly #watchers: OverviewWatchers;
  readonly #rewinds: RewindsUnderWay;
  #proof: Promise<void> | null = null;
  readonly #pages = new OneByOne(() => scheduler.wait(1));

  constructor(ctx: DurableObjectState, env: Queues) {
    super(ctx, env);
    this.#sql = new ObjectSql(ctx.storage);
    this.#listed = new ListedQueues(this.#sql, Date.now());
    this.#reported = new ReportedQueues(this.#sql);
    this.#rewinds = new RewindsUnderWay(this.#sql);
    this.#alarm = new AlarmClock(ctx.storage);
    void ctx.blockConcurrencyWhile(() => this.#alarm.load());
    this.#revoked = new RevokedTokens(this.#sql);
    this.#watchers = new OverviewWatchers({ now: () => Date.now(), later: (ms, run) => void setTimeout(run, ms) });
    for (const socket of ctx.getWebSockets()) this.#watchers.add(socket, socket.deserializeAttachment() as Grant);
  }

  receive(sender: string, messages: readonly Message[]): ReceiveOutcome {
    const now = Date.now();
    this.#sql.transaction(() => {
      for (const message of messages) {
        const heard = this.#listed.heard(sender, message, now);
        if (heard === "deleted") this.#reported.forget(sender);
        if (message.kind === "register") this.#rewinds.registered(sender, message.body);
      }
    });
    this.#arm(now);
    this.#watchers.changed(sender);
    return { kind: "received", upTo: messages.at(-1)?.seq ?? 0 };
  }

  /** Takes a queue's report. True: it is stored. */
  report(name: string, report: QueueReport): boolean {
    if (this.#listed.isOfDeleted(name, report)) return false;
    this.#reported.keep(name, report, Date.now());
    this.#watchers.changed(name);
    return true;
  }

  /**
   * Queues with their last reports, in the order of their names, those after `after` that the grant may browse.
   *
   * @param find in lower case: only queues whose names have it in them. Default: all
   * @param isPaged with where to go on; Workers of earlier versions take the queues alone. Default: false
   */
  async overview(
    after: string,
    limit: number,
    grant: Grant,
    find = "",
    isPaged = false,
  ): Promise<ReportedQueue[] | OverviewPage> {
    const page = await this.#pages.make(() => this.#reported.byName(after, limit, { grant, find }, Date.now()));
    return isPaged ? page : page.queues;
  }

  /** The same, those in the gravest trouble first. */
  overviewByTrouble(after: OverviewPlace | null, limit: number, grant: Grant, find = ""): Promise<OverviewPage> {
    return this.#pages.make(() => this.#reported.byTrouble(after, limit, { grant, find }, Date.now()));
  }

  /** null: as many tokens are revoked as may be. */
  revoke(id: string, expiresAt: number): RevokedToken | null {
    const revoked = this.#revoked.add(id, expiresAt, Date.now());
    if (revoked !== null) this.#watchers.revoked(id);
    return revoked;
  }

  /** Opens a socket that watches the overview: a WebSocket's upgrade, with SOCKET_GRANT_HEADER. */
  override fetch(request: Request): Response {
    return openServerSocket(this.ctx, request, {
      refusal: (grant) => this.#watchers.refusal(grant),
      attachment: (grant) => grant,
      add: (socket, grant) => this.#watchers.add(socket, grant),
    });
  }

  /** There is nothing to say to it but a ping, which the platform answers. */
  override webSocketMessage(socket: WebSocket): void {
    this.#watchers.delete(socket);
    socket.close(1008, "nothing is asked here");
  }

  override webSocketClose(socket: WebSocket): void {
    this.#watchers.delete(socket);
    // The platform does not answer a closing client by itself here; unanswered, it would wait until it gives up.
    socket.close(1000);
  }

  override webSocketError(socket: WebSocket): void {
    this.#watchers.delete(socket);
  }

  /** Revoked tokens after that one, in the order in which they were revoked. */
  revokedSince(seq: number, limit: number): RevokedToken[] {
    return this.#revoked.since(seq, limit, Date.now());
  }

  /** Writes a row, and answers when it is on disk. Those who ask meanwhile get the same answer. Rejected when that cannot be. */
  proveWritable(now: number): Promise<void> {
    return (this.#proof ??= this.#prove(now).finally(() => (this.#proof = null)));
  }

  async #prove(now: number): Promise<void> {
    this.ctx.storage.kv.put("written-at", now);
    await this.ctx.storage.sync();
  }

  /**
   * A queue is about to be put back. The directory notifies it if it has not registered anew within a minute.
   *
   * @returns how often it has been put back, this time included, as far as is known here
   */
  rewinding(name: string): number {
    const now = Date.now();
    const times = this.#rewinds.begins(name, now);
    this.#arm(now);
    return times;
  }

  /** It was not put back. */
  notRewound(name: string): void {
    this.#rewinds.ended(name);
  }

  /** Queues in the order of their names, those after `after`. */
  list(after: string, limit: number): Promise<DirectoryEntry[]> {
    return this.#pages.make(() => this.#listed.after(after, limit));
  }

  /** Forgets the names of queues that were deleted long ago, and notifies those that were put back and do not know it. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#alarm.rang();
    this.#listed.forget(now);
    const overdue = this.#rewinds.overdue(now);
    // Begun anew before the call: if that fails, or this object ends, the next alarm makes it again.
    for (const { name } of overdue) this.#rewinds.again(name, now);
    this.#arm(now);
    await Promise.all(overdue.map((queue) => this.#tellPutBack(queue)));
  }

  #arm(now: number): void {
    this.#alarm.arm(this.#listed.nextForgottenAt(), now);
    this.#alarm.arm(this.#rewinds.nextAt(), now);
  }

  async #tellPutBack({ name, times }: PutBack): Promise<void> {
    try {
      await OPENINGS.openedAtLast(name);
      await this.env.QUEUE.getByName(name).operate("reincarnate", { times });
      this.#rewinds.ended(name);
    } catch (error) {
      console.error(`edgeq: ${name}, which was put back, could not be notified:`, error);
    }
  }

  /** Rows that this instance has read and written since it woke. */
  usage(): { rowsRead: number; rowsWritten: number } {
    const { rowsRead, rowsWritten } = this.#sql;
    return { rowsRead, rowsWritten };
  }
}
