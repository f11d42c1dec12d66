// The queue's database was put back to an earlier moment by other means: its owner says so.

import { operation } from "../operation.ts";
import { freeText } from "../schema/scalars.ts";
import { object, required } from "../schema/object.ts";
import { at, count } from "./answer-fields.ts";
import { nothing } from "./queue.ts";

export const EXAMPLE_INCARNATION = { incarnation: 2, tag: "k3x9a", knownUntil: 1_795_429_196_063 };

export const reincarnate = operation({
  name: "reincarnate",
  about:
    "Begins a new incarnation of a queue whose database was put back to an earlier moment. Tasks keep their ids; claim tokens of before " +
    "settle nothing, and what is claimed comes back at its deadline.",
  action: "admin",
  method: "POST",
  path: "/reincarnate",
  body: nothing,
  answer: object({
    incarnation: required(count, "How many lives of its database it knows, this one included."),
    tag: required(freeText(), "Its ids and claim tokens begin with it from now on."),
    knownUntil: required(at, "When the last id was given out that the queue knows of."),
  }),
  problems: ["invalid-request", "queue-not-found"],
  // Once more, it would be another life.
  repeat: "never",
  example: { answer: EXAMPLE_INCARNATION },
});
