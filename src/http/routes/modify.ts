// POST /v1/queues/{queue}/modify: inserts, changes, deletes and dependencies in one commit.

import type { ModifyInput } from "../../core/modify.ts";
import { parseModify } from "../../wire/parse-modify.ts";
import { authorize } from "../authorize.ts";
import { answered } from "../http-error.ts";
import { readJson } from "../read-body.ts";
import { respondJson } from "../respond.ts";
import type { Route } from "../route.ts";

export const modifyRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/modify",
  action: "claim",
  async handle({ request, grant, queue, queueName }) {
    const input = await readJson(request, parseModify);
    for (const receiver of insertedInto(input, queueName)) authorize(grant, "enqueue", receiver);
    if (touchesUnclaimed(input)) authorize(grant, "manage", queueName);
    const { inserted, changed } = answered(await queue.operate("modify", input));
    return respondJson({ inserted, changed });
  },
};

/** The queues that it puts tasks into. */
function insertedInto({ insert }: ModifyInput, queueName: string): Set<string> {
  return new Set(insert.flatMap((item) => ("document" in item ? [] : [item.queue ?? queueName])));
}

/** Whether it changes or deletes tasks that the sender has not claimed. */
function touchesUnclaimed(input: ModifyInput): boolean {
  return [...input.change, ...input.delete].some((item) => "task" in item && "id" in item.task);
}
