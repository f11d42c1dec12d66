// Which queues exist, and how they last said they are; who watches is told when that changes. Queues register through their outbox.

import { DurableObject } from "cloudflare:workers";
import type { Grant } from "../api/grant.ts";
import type { OverviewPage, OverviewPlace, QueueReport, ReportedQueue } from "../core/queue-report.ts";
import type { RevokedToken } from "../core/revoked-token.ts";
import type { Message, ReceiveOutcome } from "../queue/queue.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { ListedQueues, type DirectoryEntry } from "./listed-queues.ts";
import { ObjectSql } from "./object-sql.ts";
import { openServerSocket } from "./open-server-socket.ts";
import { OverviewWatchers } from "./overview-watchers.ts";
import { ReportedQueues } from "./reported-queues.ts";
import { RevokedTokens } from "./revoked-tokens.ts";

export class DirectoryObject extends DurableObject {
  readonly #sql: ObjectSql;
  readonly #listed: ListedQueues;
  readonly #reported: ReportedQueues;
  readonly #alarm: AlarmClock;
  readonly #revoked: RevokedTokens;
  readonly #watchers: OverviewWatchers;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as never);
    this.#sql = new ObjectSql(ctx.storage);
    this.#listed = new ListedQueues(this.#sql, Date.now());
    this.#reported = new ReportedQueues(this.#sql);
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
        if (this.#listed.heard(sender, message, now) === "deleted") this.#reported.forget(sender);
      }
    });
    this.#alarm.arm(this.#listed.nextForgottenAt(), now);
    this.#watchers.changed(sender);
    return { kind: "received", upTo: messages.at(-1)?.seq ?? 0 };
  }

  /** A queue tells how it is. Asked for nothing in return; true: it is kept. */
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
  overview(after: string, limit: number, grant: Grant, find = "", isPaged = false): ReportedQueue[] | OverviewPage {
    const page = this.#reported.byName(after, limit, { grant, find }, Date.now());
    return isPaged ? page : page.queues;
  }

  /** The same, those in the gravest trouble first. */
  overviewByTrouble(after: OverviewPlace | null, limit: number, grant: Grant, find = ""): OverviewPage {
    return this.#reported.byTrouble(after, limit, { grant, find }, Date.now());
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

  /** Writes a row, and answers when it is on disk. Rejected when that cannot be. */
  async proveWritable(now: number): Promise<void> {
    this.ctx.storage.kv.put("written-at", now);
    await this.ctx.storage.sync();
  }

  /** Queues in the order of their names, those after `after`. */
  list(after: string, limit: number): DirectoryEntry[] {
    return this.#listed.after(after, limit);
  }

  /** Forgets the names of queues that were deleted long ago. */
  override alarm(): void {
    const now = Date.now();
    this.#alarm.rang();
    this.#listed.forget(now);
    this.#alarm.arm(this.#listed.nextForgottenAt(), now);
  }

  /** Rows that this instance has read and written since it woke. */
  usage(): { rowsRead: number; rowsWritten: number } {
    const { rowsRead, rowsWritten } = this.#sql;
    return { rowsRead, rowsWritten };
  }
}
