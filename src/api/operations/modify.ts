// Inserts, changes, deletes and depends on tasks and documents in one commit, or changes nothing (P6).

import { LIMITS } from "../../core/limits.ts";
import type { ModifyChange, ModifyInput, ModifyInsert, ModifyReference, TaskRef } from "../../core/modify.ts";
import type { TaskChange } from "../../core/operation.ts";
import { Invalid } from "../invalid.ts";
import { operation, type Demand } from "../operation.ts";
import { listOf, anyNumberOf } from "../schema/lists.ts";
import {
  claimant,
  claimTimeoutMs,
  claimToken,
  documentKey,
  flag,
  queueName,
  taskId,
  version,
  versionOrNone,
} from "../schema/names.ts";
import { defaulted, object, optional, required, type Refuse } from "../schema/object.ts";
import { freeText, literal, oneOf } from "../schema/scalars.ts";
import { nullable, type Schema } from "../schema/schema.ts";
import { shapes } from "../schema/shapes.ts";
import { at, count } from "./answer-fields.ts";
import { documentValue } from "./document-value.ts";
import { EXAMPLE } from "./examples.ts";
import { CALL_ABOUT, numberedCall } from "./numbered-call.ts";
import { enqueuedTask } from "./task-answer.ts";
import { CHANGE_FIELDS, CHANGE_NAMES, NEW_TASK_FIELDS, newTaskOf, taskChangeOf } from "./task-fields.ts";

const insertedTask = object(
  { ...NEW_TASK_FIELDS, queue: optional(queueName), onConflict: optional(oneOf("fail", "skip")) },
  ({ queue, onConflict: given, ...task }, refuse, path): ModifyInsert => {
    if (queue !== undefined && given === "fail")
      refuse("onConflict", "skip, or absent, with queue: another queue's ids are not known at the commit");
    const onConflict = given ?? (queue === undefined ? "fail" : "skip");
    return { task: newTaskOf(task, refuse, path), onConflict, ...(queue === undefined ? {} : { queue }) };
  },
);

const insertedDocument = object({
  document: required(object({ key: required(documentKey), value: required(documentValue) })),
});

const insert = shapes({ task: insertedTask, document: insertedDocument }, (has) =>
  has("document") ? "document" : "task",
);

const id = required(taskId, "", "a task's id (or claim, or document)");

/** Of a document, of a claimed task, or of one that is not claimed. */
function referenceKind(has: (name: string) => boolean, path: string): "document" | "claimed" | "unclaimed" {
  if (has("document")) return "document";
  if (!has("claim")) return "unclaimed";
  if (!has("id") && !has("version")) return "claimed";
  throw new Invalid(`${path}.claim`, "a claim with id or version", "a claim token alone, without id and version");
}

const KEPT = { keepClaim: optional(flag), claimTimeoutMs: optional(claimTimeoutMs) };

interface Kept {
  readonly keepClaim: boolean | undefined;
  readonly claimTimeoutMs: number | undefined;
}

/** What becomes of the task's claim, beside what is changed. */
function changeOf(
  task: TaskRef,
  { keepClaim, claimTimeoutMs: timeout }: Kept,
  change: TaskChange,
  refuse: Refuse<keyof Kept>,
): ModifyChange {
  if (keepClaim !== true) {
    if (timeout !== undefined) refuse("claimTimeoutMs", "absent without keepClaim");
    return { task, change };
  }
  if ("id" in task) refuse("keepClaim", "absent without claim");
  if (change.visibleAt !== undefined || change.delayMs !== undefined)
    refuse("keepClaim", "absent with visibleAt or delayMs: a task that is claimed is not offered");
  return { task, change, keepClaim: timeout === undefined ? {} : { claimTimeoutMs: timeout } };
}

const change = shapes(
  {
    claimed: object(
      { claim: required(claimToken), ...KEPT, ...CHANGE_FIELDS },
      ({ claim, keepClaim, claimTimeoutMs: timeout, ...fields }, refuse, path) =>
        changeOf({ claim }, { keepClaim, claimTimeoutMs: timeout }, taskChangeOf(fields, refuse, path), refuse),
    ),
    unclaimed: object(
      { id, version: required(version), ...KEPT, ...CHANGE_FIELDS },
      ({ id: task, version: held, keepClaim, claimTimeoutMs: timeout, ...fields }, refuse, path) => {
        const changed = taskChangeOf(fields, refuse, path);
        if (keepClaim !== true && Object.keys(changed).length === 0)
          throw new Invalid(path, "nothing to change", `at least one of ${CHANGE_NAMES.join(", ")}`);
        return changeOf({ id: task, version: held }, { keepClaim, claimTimeoutMs: timeout }, changed, refuse);
      },
    ),
    document: object(
      {
        document: required(
          object({ key: required(documentKey), version: required(version), value: required(documentValue) }),
        ),
      },
      ({ document: { value, ...document } }): ModifyChange => ({ document, value }),
    ),
  },
  referenceKind,
);

function referenceTo(lowest: Schema<number>) {
  return shapes(
    {
      claimed: object({ claim: required(claimToken) }, (task): ModifyReference => ({ task })),
      unclaimed: object({ id, version: required(version) }, (task): ModifyReference => ({ task })),
      document: object({ document: required(object({ key: required(documentKey), version: required(lowest) })) }),
    },
    referenceKind,
  );
}

const body = object(
  {
    claimant: optional(claimant, "any", "Every claim that is named must be this claimant's."),
    insert: defaulted(
      listOf(insert, LIMITS.modifyReferences),
      [],
      'New tasks, with `queue` into another queue, `onConflict` `fail` or `skip`; or `{"document": {key, value}}`.',
    ),
    change: defaulted(
      listOf(change, LIMITS.modifyReferences),
      [],
      '`{id, version, ...}` or `{claim, keepClaim?, claimTimeoutMs?, ...}` with the fields of PATCH; or `{"document": {key, version, value}}`.',
    ),
    delete: defaulted(
      listOf(referenceTo(version), LIMITS.modifyReferences),
      [],
      '`{id, version}`, `{claim}` or `{"document": {key, version}}`.',
    ),
    depend: defaulted(
      listOf(referenceTo(versionOrNone), LIMITS.modifyReferences),
      [],
      "As `delete`; a document's version 0: it does not exist.",
    ),
    call: optional(numberedCall, "none", CALL_ABOUT),
  },
  (input): ModifyInput => {
    const references = input.insert.length + input.change.length + input.delete.length + input.depend.length;
    if (references > 0 && references <= LIMITS.modifyReferences) return input;
    const allowed = `1 to ${LIMITS.modifyReferences} in insert, change, delete and depend together`;
    throw new Invalid("body", `${references} references`, allowed);
  },
);

const writtenDocument = object({ document: required(object({ key: required(freeText()), version: required(count) })) });
const sentTask = object({
  queue: required(freeText()),
  message: required(freeText(), "Its name in the outbox."),
  onItsWay: required(literal(true)),
});
const changedTask = object({
  id: required(freeText()),
  version: required(count),
  visibleAt: required(at),
  claimedUntil: required(nullable(at)),
});

export const modify = operation({
  name: "modify",
  about: "Inserts, changes, deletes and dependencies in one commit, or none of it (P6).",
  action: "claim",
  method: "POST",
  path: "/modify",
  body,
  answer: object({
    inserted: required(
      anyNumberOf(
        shapes({ task: enqueuedTask, sent: sentTask, document: writtenDocument }, (has) =>
          has("document") ? "document" : has("onItsWay") ? "sent" : "task",
        ),
      ),
    ),
    changed: required(
      anyNumberOf(
        shapes({ task: changedTask, document: writtenDocument }, (has) => (has("document") ? "document" : "task")),
      ),
    ),
  }),
  problems: [
    "invalid-request",
    "dependency-failed",
    "call-forgotten",
    "payload-too-large",
    "call-reused",
    "queue-full",
  ],
  // Without a number it would be refused for what it had done itself.
  repeat: { when: "with a `call`", is: ({ call }) => call !== undefined },
  example: {
    body: {
      insert: [{ payload: { charge: 7 } }, { document: { key: "seen:7", value: true } }],
      delete: [{ claim: EXAMPLE.claim }],
    },
    answer: {
      inserted: [
        { id: "k3x9a-1ar4np2jzeq", version: 1, visibleAt: 1_795_429_196_068, duplicate: false },
        { document: { key: "seen:7", version: 1 } },
      ],
      changed: [],
    },
  },
  demands: modifyDemands,
  render: ({ inserted, changed }) => JSON.stringify({ inserted, changed }),
});

/** What a modify demands beside `claim`: to enqueue where it inserts, to manage what it has not claimed. */
function modifyDemands(input: ModifyInput, queue: string): Demand[] {
  const receivers = new Set(input.insert.flatMap((item) => ("document" in item ? [] : [item.queue ?? queue])));
  const demands = Array.from(receivers, (receiver): Demand => ({ action: "enqueue", queue: receiver }));
  const touchesUnclaimed = [...input.change, ...input.delete].some((item) => "task" in item && "id" in item.task);
  return touchesUnclaimed ? [...demands, { action: "manage", queue }] : demands;
}
