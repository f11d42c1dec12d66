// Faults planted in what an owner sets or asks for over a whole queue: budgets, limits, breakers, searches, watching, traces.

import type { Mutant } from "../mutant.ts";
import type { SuiteName } from "../suites.ts";

const plant = (
  name: string,
  file: string,
  search: string,
  replace: string,
  suites: readonly SuiteName[] = ["rules", "http"],
): Mutant => ({ name, file: `src/${file}`, search, replace, suites });

export const BOUNDS_MUTANTS: readonly Mutant[] = [
  plant(
    "what is done to all is done to tasks that it is not for",
    "queue/operations/apply.ts",
    "if (!isFor(match, input)) left += 1;",
    "if (!match) left += 1;",
  ),
  plant(
    "what is done to all is done to tasks that came since",
    "queue/operations/apply.ts",
    "if (instantOf(keyOf(task.seq)) > asOf) return false;",
    "",
  ),
  plant(
    "a redrive of all goes on with what dies of it",
    "queue/operations/apply.ts",
    'return action !== "redrive" || hasDiedBy(head, startedAt, now);',
    "return true;",
  ),
  plant(
    "a claimed task is found by the attempts of its row",
    "queue/search/search.ts",
    "attempts: isClaimed ? head.attempts + 1 : head.attempts,",
    "attempts: head.attempts,",
  ),
  plant(
    "the end of a pattern is found within its beginning",
    "queue/search/patterns.ts",
    "text.length - tail.length >= end && ",
    "",
  ),
  plant(
    "a budget refuses a step that ends a claim",
    "queue/budget/budget-guard.ts",
    'if (name === "modify" && settles(input as ModifyInput)) return null;',
    "",
  ),
  plant(
    "the alarm works on though the budget says stop",
    "queue/budget/budget-guard.ts",
    'return reached?.onReach === "stop" ? reached.until : 0;',
    "return 0;",
  ),
  plant(
    "those whom a budget kept waiting are not served when it ends",
    "queue/budget/budget-guard.ts",
    "if (waitMs > 0) this.#giveAt = now + waitMs;",
    "",
  ),
  plant("what was used today is forgotten at eviction", "queue/budget/meter.ts", "ofDay.addStored(day);", ""),
  plant(
    "an alarm that gets something done is slowed",
    "queue/budget/alarm-breaker.ts",
    "const isFruitless = !hasProgress && ",
    "const isFruitless = ",
  ),
  plant(
    "a task that burns attempts is not slowed",
    "core/return-floor.ts",
    "return floorMs(returnsOf(version) - FREE_RETURNS);",
    "return 0 * version;",
  ),
  plant(
    "a task that burns attempts is not named",
    "queue/claims/end-attempt.ts",
    "if (floor > 0) state.history.meter.tasks.slows(idOf(queue, headOf(state, claim)), now);",
    "",
  ),
  plant(
    "settling counts for nothing against a queue's limit of requests",
    "queue/quota.ts",
    "requests?.owe(now, 1);",
    "",
  ),
  plant("tasks are not counted against a queue's limit", "queue/quota.ts", "    tasks?.take(now, count);\n", ""),
  plant(
    "a watcher is notified though nothing has changed",
    "object/watchers.ts",
    "const isNews = isDue && state !== this.#lastSent;",
    "const isNews = isDue;",
    ["object"],
  ),
  plant("a watcher is not notified how a burst of changes ended", "object/pace.ts", "        this.#again();\n", "", [
    "object",
  ]),
  plant(
    "a request's trace replaces that of its task",
    "core/trace-context.ts",
    'if (headers["traceparent"] !== undefined) return task;',
    "",
    ["http"],
  ),
  plant(
    "what a turn has settled of a divided call counts before its commit",
    "queue/divided-calls.ts",
    "    this.#inTurn.set(claims, results);",
    "    this.#committed.set(claims, results);",
  ),
  plant(
    "a failed call of acks and nacks tells of its acks alone",
    "queue/divided-calls.ts",
    "return [acks, nacks];",
    "return [acks];",
    ["rules", "http"],
  ),
  plant(
    "a request of a message of several has the number of the one before it",
    "api/request-series.ts",
    "number: first.number + place }",
    "number: first.number + place - 1 }",
    ["client", "sockets", "object"],
  ),
  plant(
    "a request that has left is sent again with those of its message",
    "client/socket-channel.ts",
    "if (request.hasLeft) this.#asked.delete(id);",
    "if (id < 0) this.#asked.delete(id);",
    ["client"],
  ),
  plant(
    "those who are pushed to hear of no task that is delayed by its key",
    "queue/ready/next-visible.ts",
    "if (nextAt > now) next = Math.min(next, nextAt);",
    "void nextAt;",
    ["rules", "sockets", "object"],
  ),
  plant(
    "an imported run may hold fewer payloads than it says",
    "store/stored-shapes.ts",
    "return lines === run",
    "return lines <= run",
    ["rules", "http"],
  ),
  plant(
    "an imported number may be beyond the last key",
    "store/stored-shapes.ts",
    "return value >= min && value <= max",
    "return value >= min",
    ["rules", "http"],
  ),
  plant(
    "a key that was served keeps its turn",
    "queue/keys/key-choice.ts",
    "else if (!this.#isByAge) ring.moves(level);",
    "",
    ["rules", "keys"],
  ),
];
