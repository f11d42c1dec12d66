// What a service binding's props allow. Props are set by whoever deploys the calling Worker and cannot be forged by it, so
// they stand for a token; without them nothing is allowed.

import { ACTIONS, GRANT_QUEUES, QUEUE_PATTERN, type Action, type Grant } from "../core/access.ts";
import { Fields, matching } from "../wire/fields.ts";
import { Invalid, parsed, type Parsed } from "../wire/invalid.ts";

const NOTHING: Grant = { queues: [], can: [] };

/** @param props `{queues: ["orders*"], can: ["enqueue", ...]}`; undefined or `{}`: nothing is allowed */
export function grantOfProps(props: unknown): Parsed<Grant> {
  return parsed(() => {
    if (props === undefined || props === null || Object.keys(props).length === 0) return NOTHING;
    const fields = new Fields(props, "props");
    const queues = fields.array("queues", GRANT_QUEUES, (name, path) => matching(name, path, QUEUE_PATTERN));
    const can = fields.array("can", ACTIONS.length, actionOf);
    fields.end(["queues", "can"]);
    return { queues: queues ?? [], can: can ?? [] };
  });
}

function actionOf(value: unknown, path: string): Action {
  const action = ACTIONS.find((known) => known === value);
  if (action === undefined) throw new Invalid(path, value, ACTIONS.join(", "));
  return action;
}
