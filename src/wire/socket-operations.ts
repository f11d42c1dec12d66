// The operations that a socket's frames may ask for: the action that each needs, and its body and answer, which are those
// of the HTTP API. A new operation does not compile until it is here.

import type { Action } from "../core/action.ts";
import type { InputOf, OperationName, Operations } from "../core/operation.ts";
import {
  parseAck,
  parseClaim,
  parseEnqueue,
  parseExtend,
  parseNack,
  parseRedrive,
  parseSettings,
} from "./parse-operation.ts";
import { Fields } from "./fields.ts";
import { Invalid } from "./invalid.ts";
import { parseBrowse, parseCancelTask, parseChangeTask, parseGetTask, parseNothing } from "./parse-task-operation.ts";
import { renderPage, renderTask, renderTasks } from "./render.ts";
import { renderResults, tokensOf } from "./render-results.ts";

export interface SocketOperation<Name extends OperationName> {
  /** What a token must allow for it. */
  readonly action: Action;
  /** Its answer holds payloads, so it is as large as they are. */
  readonly isLarge: boolean;
  readonly parse: (body: unknown) => InputOf<Name>;
  /** The answer as HTTP gives it. @param body what `parse` has read */
  readonly render: (answer: Operations[Name]["answer"], body: unknown) => string;
}

export const SOCKET_OPERATIONS: { readonly [Name in OperationName]: SocketOperation<Name> } = {
  enqueue: {
    action: "enqueue",
    isLarge: false,
    parse: parseEnqueue,
    render: ({ tasks }) => JSON.stringify({ tasks }),
  },
  claim: { action: "claim", isLarge: true, parse: parseClaimNow, render: ({ tasks }) => renderTasks(tasks) },
  ack: { action: "claim", isLarge: false, parse: parseAck, render: renderEach },
  nack: { action: "claim", isLarge: false, parse: parseNack, render: renderEach },
  extend: { action: "claim", isLarge: false, parse: parseExtend, render: renderEach },
  browse: { action: "browse", isLarge: true, parse: (body) => parseBrowse(new Fields(body)), render: renderPage },
  getTask: { action: "browse", isLarge: true, parse: parseGetTask, render: ({ task }) => renderTask(task) },
  changeTask: { action: "manage", isLarge: true, parse: parseChangeTask, render: ({ task }) => renderTask(task) },
  cancelTask: { action: "manage", isLarge: false, parse: parseCancelTask, render: ({ id }) => JSON.stringify({ id }) },
  getQueue: { action: "browse", isLarge: false, parse: parseNothing, render: ({ queue }) => JSON.stringify(queue) },
  configure: {
    action: "manage",
    isLarge: false,
    parse: (body) => ({ settings: parseSettings(body) }),
    render: ({ queue }) => JSON.stringify(queue),
  },
  deleteQueue: {
    action: "manage",
    isLarge: false,
    parse: parseNothing,
    render: ({ tasks }) => JSON.stringify({ tasks }),
  },
  purge: { action: "manage", isLarge: false, parse: parseNothing, render: ({ tasks }) => JSON.stringify({ tasks }) },
  redrive: {
    action: "manage",
    isLarge: false,
    parse: parseRedrive,
    render: ({ tasks, notFound, more }) => JSON.stringify({ tasks, notFound, more }),
  },
};

export function isSocketOperation(name: string): name is OperationName {
  return Object.hasOwn(SOCKET_OPERATIONS, name);
}

/** A claim that does not wait: waiting is what credit is for, since only credit outlives hibernation. */
function parseClaimNow(body: unknown): InputOf<"claim"> {
  const { input, waitMs } = parseClaim(body);
  if (waitMs > 0) throw new Invalid("waitMs", waitMs, "0 or absent in a frame; to wait, grant credit");
  return input;
}

function renderEach(answer: Operations["ack" | "nack" | "extend"]["answer"], body: unknown): string {
  return renderResults(tokensOf(body), answer);
}
