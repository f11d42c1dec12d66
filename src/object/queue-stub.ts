// How the rest of the Worker sees the objects: their calls, with the types that the RPC layer cannot carry.

import type { Grant } from "../api/grant.ts";
import { REVOCATIONS } from "../api/revocations.ts";
import { LIMITS } from "../core/limits.ts";
import type { OverviewPage } from "../core/queue-report.ts";
import type { InputOf, OperationName, OutcomeOf, Refusal } from "../core/operation.ts";
import type { RevokedToken } from "../core/revoked-token.ts";
import type { Message, ReceiveOutcome } from "../queue/queue.ts";
import type { AnalyticsDataset } from "./analytics.ts";
import type { DirectoryObject } from "./directory-object.ts";

/** Where objects are found by their names. */
export interface Neighbours {
  readonly QUEUE: { getByName(name: string): QueueStub };
  readonly DIRECTORY: DurableObjectNamespace<DirectoryObject>;
  /** A data set of Workers Analytics Engine. Absent: none is bound. */
  readonly EDGEQ_ANALYTICS?: AnalyticsDataset;
}

/** An answer with what the object has read and written since its last measured answer: over all of them, every row once. */
export interface MeasuredAnswer {
  readonly kind: "measured";
  readonly answer: string | Refusal;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** Why the calls of an object ended that was put back: the one that asked for it is broken off too. */
export const PUT_BACK = "The queue is put back to an earlier moment";

/** Why nothing was done; `no-record`: the platform keeps none of earlier moments. */
export type NotPutBack = { readonly kind: "no-record" } | Refusal;

export interface QueueStub {
  /**
   * Runs one operation, and answers with JSON text as `api/operation-table.ts` writes it, or with why it was refused. Text,
   * since to clone the small objects of an answer from one isolate to another takes longer than the operation.
   *
   * @param mustExist the queue is not created: refused with `queue-not-found` if it does not exist. Default: false
   * @param isMeasured with what it cost; an object of an earlier version does not report it. Default: false
   */
  answer<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    mustExist?: boolean,
    isMeasured?: boolean,
  ): Promise<string | Refusal | MeasuredAnswer>;
  /** The same with the outcome itself, for who needs its parts; see core/operation.ts. */
  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>>;
  /** The client of a claim that waits, named by its ticket, has gone: the claim takes no task. */
  leave(ticket: string): Promise<void>;
  /** Puts the queue back to an earlier moment, which breaks the call off: object/put-back.ts. */
  rewind(to: number): Promise<NotPutBack>;
  /** Takes in what another queue sends, each message once (P9). */
  receive(sender: string, messages: readonly Message[]): Promise<ReceiveOutcome>;
  /** Opens a socket, or says why not: object/open-server-socket.ts. */
  fetch(request: Request): Promise<Response>;
}

/** The object of a queue. Its name must have been checked. */
export function queueStub({ QUEUE }: Neighbours, name: string): QueueStub {
  return QUEUE.getByName(name);
}

/** The one directory. */
export function directoryStub({ DIRECTORY }: Pick<Neighbours, "DIRECTORY">): DurableObjectStub<DirectoryObject> {
  return DIRECTORY.getByName("directory");
}

/** Queues in the order of their names: a page that may be short, as it looks at a bounded number of names. */
export async function overviewByName(
  neighbours: Pick<Neighbours, "DIRECTORY">,
  after: string,
  limit: number,
  grant: Grant,
  find = "",
): Promise<OverviewPage> {
  const found = await directoryStub(neighbours).overview(after, limit, grant, find, true);
  if (!Array.isArray(found)) return found;
  // A directory of an earlier version looks at all names.
  const end = found.length < limit ? undefined : found.at(-1);
  return { queues: found, lookedAt: found.length, last: end === undefined ? null : { weight: 0, name: end.name } };
}

/** Asks the directory which tokens were revoked, if it is time to. */
export function learnRevocations(neighbours: Pick<Neighbours, "DIRECTORY">, now: number): Promise<void> {
  const ask = (seq: number): Promise<RevokedToken[]> =>
    directoryStub(neighbours).revokedSince(seq, LIMITS.revokedTokens);
  return REVOCATIONS.refresh(ask, now, (error) =>
    console.error("edgeq: tokens that were revoked lately are not known:", error),
  );
}

/** The answer alone. */
export function unmeasured(answer: string | Refusal | MeasuredAnswer): string | Refusal {
  return typeof answer !== "string" && answer.kind === "measured" ? answer.answer : answer;
}
