// What a binding may call: each operation under its name, with the action it needs, the reading of its body, and its answer
// in the words that HTTP answers with.

import type { Document } from "../core/document.ts";
import type { OperationName, OutcomeOf, Refusal } from "../core/operation.ts";
import type { QueueStub } from "../object/queue-stub.ts";
import type { Action } from "../protocol/action.ts";
import type { WireAnswer, WireOperationName } from "../protocol/wire-operations.ts";
import type { WireBrowsedTask } from "../protocol/wire-task.ts";
import { Fields } from "../wire/fields.ts";
import { modifyNeeds } from "../wire/modify-needs.ts";
import {
  parseDeleteDocument,
  parseGetDocument,
  parseListDocuments,
  parsePutDocument,
} from "../wire/parse-document-operation.ts";
import { parseModify } from "../wire/parse-modify.ts";
import {
  parseAck,
  parseClaim,
  parseEnqueue,
  parseExtend,
  parseNack,
  parseRedrive,
  parseSettings,
} from "../wire/parse-operation.ts";
import {
  parseBrowse,
  parseCancelTask,
  parseChangeTask,
  parseGetTask,
  parseNothing,
} from "../wire/parse-task-operation.ts";
import { isRefusal } from "../wire/refusal-problem.ts";
import { renderResults, tokensOf, type Results } from "../wire/render-results.ts";
import { renderDocument, renderDocuments, renderTask, renderTasks } from "../wire/render.ts";

interface BoundOperation<Answer> {
  readonly action: Action;
  /** Reads the body, throwing what `parsed` catches. */
  readonly prepare: (body: unknown) => Prepared<Answer>;
}

interface Prepared<Answer> {
  /** Actions beside the operation's own that the body calls for, each with its queue. */
  readonly needs: (queueName: string) => readonly (readonly [Action, string])[];
  readonly ask: (queue: QueueStub) => Promise<Answer | Refusal>;
}

/** Every operation of the queue: one that the queue learns does not compile until a binding may call it. */
export type BoundOperationName = OperationName & WireOperationName;

export const OPERATIONS: { readonly [Name in BoundOperationName]: BoundOperation<WireAnswer<Name>> } = {
  enqueue: operation("enqueue", parseEnqueue, async (queue, input) => {
    return answer(await queue.operate("enqueue", input), ({ tasks }) => ({ tasks }));
  }),
  claim: operation("claim", parseClaim, async (queue, { input, waitMs }) => {
    const outcome = await queue.operate("claim", input);
    const isEmpty = outcome.kind === "claimed" && outcome.tasks.length === 0;
    return claimed(isEmpty && waitMs > 0 ? await queue.park(input, waitMs, crypto.randomUUID()) : outcome);
  }),
  ack: operation("claim", withTokens(parseAck), async (queue, { input, tokens }) => {
    return answer(await queue.operate("ack", input), (outcome) => eachResult<"ack">(tokens, outcome));
  }),
  nack: operation("claim", withTokens(parseNack), async (queue, { input, tokens }) => {
    return answer(await queue.operate("nack", input), (outcome) => eachResult<"nack">(tokens, outcome));
  }),
  extend: operation("claim", withTokens(parseExtend), async (queue, { input, tokens }) => {
    return answer(await queue.operate("extend", input), (outcome) => eachResult<"extend">(tokens, outcome));
  }),
  modify: operation(
    "claim",
    parseModify,
    async (queue, input) => {
      return answer(await queue.operate("modify", input), ({ inserted, changed }) => ({ inserted, changed }));
    },
    modifyNeeds,
  ),
  getDocument: operation("browse", parseGetDocument, async (queue, input) => {
    return answer(await queue.operate("getDocument", input), ({ document }) => documentOf(document));
  }),
  putDocument: operation("claim", parsePutDocument, async (queue, input) => {
    return answer(await queue.operate("putDocument", input), ({ document }) => documentOf(document));
  }),
  deleteDocument: operation("claim", parseDeleteDocument, async (queue, input) => {
    return answer(await queue.operate("deleteDocument", input), ({ key }) => ({ key }));
  }),
  listDocuments: operation(
    "browse",
    (body) => parseListDocuments(new Fields(body)),
    async (queue, input) => {
      return answer(
        await queue.operate("listDocuments", input),
        ({ documents, after }) => wire(renderDocuments(documents, after)) as WireAnswer<"listDocuments">,
      );
    },
  ),
  getTask: operation("browse", parseGetTask, async (queue, input) => {
    return answer(await queue.operate("getTask", input), ({ task }) => wire(renderTask(task)) as WireBrowsedTask);
  }),
  changeTask: operation("manage", parseChangeTask, async (queue, input) => {
    return answer(await queue.operate("changeTask", input), ({ task }) => wire(renderTask(task)) as WireBrowsedTask);
  }),
  cancelTask: operation("manage", parseCancelTask, async (queue, input) => {
    return answer(await queue.operate("cancelTask", input), ({ id }) => ({ id }));
  }),
  browse: operation(
    "browse",
    (body) => parseBrowse(new Fields(body)),
    async (queue, input) => {
      return answer(
        await queue.operate("browse", input),
        ({ tasks, after }) =>
          wire(renderTasks(tasks, { cursor: after === null ? null : after.toString(36) })) as WireAnswer<"browse">,
      );
    },
  ),
  getQueue: operation("browse", parseNothing, async (queue) => {
    return answer(await queue.operate("getQueue", null), (outcome) => outcome.queue);
  }),
  configure: operation("manage", parseSettings, async (queue, settings) => {
    return answer(await queue.operate("configure", { settings }), (outcome) => outcome.queue);
  }),
  deleteQueue: operation("manage", parseNothing, async (queue) => {
    return answer(await queue.operate("deleteQueue", null), ({ tasks }) => ({ tasks }));
  }),
  purge: operation("manage", parseNothing, async (queue) => {
    return answer(await queue.operate("purge", null), ({ tasks }) => ({ tasks }));
  }),
  redrive: operation("manage", parseRedrive, async (queue, input) => {
    return answer(await queue.operate("redrive", input), ({ tasks, notFound, more }) => ({ tasks, notFound, more }));
  }),
};

function operation<Input, Answer>(
  action: Action,
  parse: (body: unknown) => Input,
  run: (queue: QueueStub, input: Input) => Promise<Answer | Refusal>,
  needs: (input: Input, queueName: string) => readonly (readonly [Action, string])[] = () => [],
): BoundOperation<Answer> {
  return {
    action,
    prepare(body) {
      const input = parse(body);
      return { needs: (queueName) => needs(input, queueName), ask: (queue) => run(queue, input) };
    },
  };
}

function answer<Outcome extends { readonly kind: string }, Answer>(
  outcome: Outcome,
  render: (outcome: Exclude<Outcome, Refusal>) => Answer,
): Answer | Refusal {
  return isRefusal(outcome) ? outcome : render(outcome as Exclude<Outcome, Refusal>);
}

function claimed(outcome: OutcomeOf<"claim">): WireAnswer<"claim"> | Refusal {
  return answer(outcome, ({ tasks }) => wire(renderTasks(tasks)) as WireAnswer<"claim">);
}

function documentOf(document: Document): WireAnswer<"getDocument"> {
  return wire(renderDocument(document)) as WireAnswer<"getDocument">;
}

/** The answer as HTTP would write it, read again: one rendering, whatever carries it. */
function wire(json: string): unknown {
  return JSON.parse(json);
}

/** Keeps the tokens of a body beside the input that is parsed from it. */
function withTokens<Input>(parse: (body: unknown) => Input): (body: unknown) => { input: Input; tokens: string[] } {
  return (body) => ({ input: parse(body), tokens: tokensOf(body) });
}

function eachResult<Name extends "ack" | "nack" | "extend">(
  tokens: readonly string[],
  outcome: Results,
): WireAnswer<Name> {
  return wire(renderResults(tokens, outcome)) as WireAnswer<Name>;
}
