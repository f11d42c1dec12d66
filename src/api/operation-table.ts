// Every operation of a queue under its name: what it demands of a token or a binding, how its body is read, and its answer in
// the words of the HTTP API. Sockets and bindings are served from this table; a new operation does not compile until it is here.

import type { ModifyInput } from "../core/modify.ts";
import type { InputOf, OperationName, Operations } from "../core/operation.ts";
import type { Action } from "../protocol/action.ts";
import { Fields } from "./fields.ts";
import { Invalid } from "./invalid.ts";
import {
  parseDeleteDocument,
  parseGetDocument,
  parseListDocuments,
  parseListOutbox,
  parsePutDocument,
} from "./parse-document-operation.ts";
import { parseModify, parseRetryOutbox } from "./parse-modify.ts";
import {
  parseAck,
  parseClaim,
  parseEnqueue,
  parseExtend,
  parseNack,
  parseRedrive,
  parseSettings,
  parseSettle,
} from "./parse-operation.ts";
import { parseBrowse, parseCancelTask, parseChangeTask, parseGetTask, parseNothing } from "./parse-task-operation.ts";
import {
  renderDocument,
  renderDocuments,
  renderEnqueued,
  renderOutbox,
  renderPage,
  renderTask,
  renderTasks,
} from "./render.ts";
import { renderResults, renderSettled } from "./render-results.ts";

/** An action that must be allowed on a queue. */
export interface Demand {
  readonly action: Action;
  readonly queue: string;
}

export interface WireOperation<Name extends OperationName> {
  /** What must be allowed on the queue itself. */
  readonly action: Action;
  /** Its answer holds payloads, so it is as large as they are. */
  readonly isLarge: boolean;
  readonly parse: (body: unknown) => InputOf<Name>;
  /** What else this very input demands. */
  readonly demands?: (input: InputOf<Name>, queue: string) => Demand[];
  /** The answer as every way to the queue gives it. */
  readonly render: (answer: Operations[Name]["answer"], input: InputOf<Name>) => string;
}

export const OPERATIONS: { readonly [Name in OperationName]: WireOperation<Name> } = {
  enqueue: small("enqueue", parseEnqueue, ({ tasks }) => renderEnqueued(tasks)),
  claim: large("claim", parseClaimNow, ({ tasks }) => renderTasks(tasks)),
  ack: small("claim", parseAck, renderResults),
  nack: small("claim", parseNack, renderResults),
  extend: small("claim", parseExtend, renderResults),
  settle: small("claim", parseSettle, renderSettled),
  modify: {
    action: "claim",
    isLarge: false,
    parse: parseModify,
    demands: modifyDemands,
    render: ({ inserted, changed }) => JSON.stringify({ inserted, changed }),
  },
  browse: large("browse", (body) => parseBrowse(new Fields(body)), renderPage),
  getTask: large("browse", parseGetTask, ({ task }) => renderTask(task)),
  changeTask: large("manage", parseChangeTask, ({ task }) => renderTask(task)),
  cancelTask: small("manage", parseCancelTask, ({ id }) => JSON.stringify({ id })),
  getDocument: large("browse", parseGetDocument, ({ document }) => renderDocument(document)),
  putDocument: large("claim", parsePutDocument, ({ document }) => renderDocument(document)),
  deleteDocument: small("claim", parseDeleteDocument, ({ key }) => JSON.stringify({ key })),
  listDocuments: large(
    "browse",
    (body) => parseListDocuments(new Fields(body)),
    ({ documents, after }) => renderDocuments(documents, after),
  ),
  getQueue: small("browse", parseNothing, ({ queue }) => JSON.stringify(queue)),
  configure: small(
    "manage",
    (body) => ({ settings: parseSettings(body) }),
    ({ queue }) => JSON.stringify(queue),
  ),
  deleteQueue: small("manage", parseNothing, ({ tasks }) => JSON.stringify({ tasks })),
  purge: small("manage", parseNothing, ({ tasks }) => JSON.stringify({ tasks })),
  redrive: small("manage", parseRedrive, ({ tasks, notFound, more }) => JSON.stringify({ tasks, notFound, more })),
  listOutbox: small("browse", (body) => parseListOutbox(new Fields(body)), renderOutbox),
  retryOutbox: small("manage", parseRetryOutbox, ({ messages, more }) => JSON.stringify({ messages, more })),
};

export function isOperation(name: unknown): name is OperationName {
  return typeof name === "string" && Object.hasOwn(OPERATIONS, name);
}

/** What a modify demands beside `claim`: to enqueue where it inserts, to manage what it has not claimed. */
export function modifyDemands(input: ModifyInput, queue: string): Demand[] {
  const receivers = new Set(input.insert.flatMap((item) => ("document" in item ? [] : [item.queue ?? queue])));
  const demands = Array.from(receivers, (receiver): Demand => ({ action: "enqueue", queue: receiver }));
  const touchesUnclaimed = [...input.change, ...input.delete].some((item) => "task" in item && "id" in item.task);
  return touchesUnclaimed ? [...demands, { action: "manage", queue }] : demands;
}

interface Row<Input, Answer> {
  readonly action: Action;
  readonly isLarge: boolean;
  readonly parse: (body: unknown) => Input;
  readonly render: (answer: Answer, input: Input) => string;
}

function small<Input, Answer>(
  action: Action,
  parse: Row<Input, Answer>["parse"],
  render: Row<Input, Answer>["render"],
): Row<Input, Answer> {
  return { action, isLarge: false, parse, render };
}

function large<Input, Answer>(
  action: Action,
  parse: Row<Input, Answer>["parse"],
  render: Row<Input, Answer>["render"],
): Row<Input, Answer> {
  return { action, isLarge: true, parse, render };
}

/** A claim that does not wait: who waits is said by other means, credit on a socket and `park` over a binding. */
function parseClaimNow(body: unknown): InputOf<"claim"> {
  const { input, waitMs } = parseClaim(body);
  if (waitMs > 0) throw new Invalid("waitMs", waitMs, "0 or absent in a frame; to wait, grant credit");
  return input;
}
