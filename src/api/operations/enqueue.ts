// Writes tasks.

import { LIMITS } from "../../core/limits.ts";
import { operation } from "../operation.ts";
import { renderEnqueued } from "../render.ts";
import { arrayOf } from "../schema/lists.ts";
import { object, optional, required, withFields } from "../schema/object.ts";
import { mapped } from "../schema/schema.ts";
import { shapes } from "../schema/shapes.ts";
import { enqueuedTasks } from "./task-answer.ts";
import { CALL_ABOUT, numberedCall } from "./numbered-call.ts";
import { isPayloadAlone, newTask, NEW_TASK_FIELDS, payloadAlone } from "./task-fields.ts";

const tasks = arrayOf(newTask, LIMITS.batchTasks, "tasks");

const call = optional(numberedCall, "none", CALL_ABOUT);
const numbered = mapped(withFields({ call }, newTask), ({ call: given, ...task }) => ({
  tasks: [task],
  ...(given === undefined ? {} : { call: given }),
}));
const one: typeof numbered = {
  ...numbered,
  parse: (value, path) => {
    if (isPayloadAlone(value)) return { tasks: [newTask.parse(value, path)] };
    if (!isNumberedPayload(value)) return numbered.parse(value, path);
    return { tasks: [payloadAlone(value, path)], call: numberedCall.parse(value.call, "call") };
  },
};

/** The same with a number, as the client sends every single task. */
function isNumberedPayload(value: unknown): value is { readonly payload: unknown; readonly call: unknown } {
  if (typeof value !== "object" || value === null || !("payload" in value) || !("call" in value)) return false;
  for (const name in value) if (name !== "payload" && name !== "call") return false;
  return value.call !== undefined && Object.hasOwn(value, "payload");
}

const body = shapes({ one, many: object({ tasks: required(tasks), call }) }, (has) => (has("tasks") ? "many" : "one"));

export const enqueue = operation({
  name: "enqueue",
  about: 'Writes one task, or up to 1,000 as `{"tasks": [...]}`, all or none.',
  action: "enqueue",
  method: "POST",
  path: "/tasks",
  status: 201,
  body: {
    ...body,
    docs: {
      ...NEW_TASK_FIELDS,
      tasks: optional(tasks, "none", "Each is an object of the fields above, in place of those."),
      call,
    },
  },
  answer: enqueuedTasks,
  problems: [
    "invalid-request",
    "call-forgotten",
    "payload-too-large",
    "unsupported-media-type",
    "call-reused",
    "queue-full",
  ],
  repeat: {
    when: "with a `call`, or for tasks with an `id`",
    is: (sent) =>
      ("call" in sent && sent.call !== undefined) ||
      ("tasks" in sent ? sent.tasks : [sent]).every(({ id }) => id !== undefined),
  },
  example: {
    body: { tasks: [{ payload: { order: 8 }, id: "order-8", delayMs: 5_000 }, { payload: { order: 9 } }] },
    answer: {
      tasks: [
        { id: "order-8", version: 1, visibleAt: 1_795_429_201_068, duplicate: false },
        { id: "k3x9a-1ar4np2jzeq", version: 1, visibleAt: 1_795_429_196_068, duplicate: false },
      ],
    },
  },
  render: ({ tasks: enqueued }, { tasks: asked }) => renderEnqueued(enqueued, asked),
});
