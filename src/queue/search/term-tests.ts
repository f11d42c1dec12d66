// Whether a task matches what is searched for: by its head, or, where that does not decide it, by its payload.

import type { SearchTerm } from "../../core/search.ts";
import { laneOf, taskKeyOf } from "../../core/stored-lane.ts";
import type { TaskState } from "../../core/task.ts";
import type { TaskHead, TaskRow } from "../../store/task-row.ts";
import { originOf } from "../tasks/origin.ts";
import { SearchedPayload } from "./payload-values.ts";
import { comparison, whole, within } from "./patterns.ts";

/** A task without its payload, as people see it. */
export interface SeenHead {
  readonly head: TaskHead;
  readonly id: string;
  readonly state: TaskState;
  /** The present one included. */
  readonly attempts: number;
  readonly claimant: string | null;
}

interface TermTest {
  /** null: the payload decides. */
  readonly ofHead: (task: SeenHead) => boolean | null;
  readonly ofPayload: (payload: SearchedPayload) => boolean;
}

export class TermTests {
  readonly #tests: readonly TermTest[];

  constructor(terms: readonly SearchTerm[]) {
    this.#tests = terms.map((term) => (term.isExcluded ? excluded(testOf(term)) : testOf(term)));
  }

  /** null: the payload decides. */
  matchesHead(task: SeenHead): boolean | null {
    let isTold = true;
    for (const { ofHead } of this.#tests) {
      const result = ofHead(task);
      if (result === false) return false;
      isTold &&= result === true;
    }
    return isTold ? true : null;
  }

  /** Of a task for which the head does not decide it. */
  matchesPayload(task: SeenHead, row: Pick<TaskRow, "payload">): boolean {
    const payload = new SearchedPayload(row);
    return this.#tests.every(({ ofHead, ofPayload }) => ofHead(task) ?? ofPayload(payload));
  }
}

function excluded({ ofHead, ofPayload }: TermTest): TermTest {
  return {
    ofHead: (task) => {
      const result = ofHead(task);
      return result === null ? null : !result;
    },
    ofPayload: (payload) => !ofPayload(payload),
  };
}

function testOf({ field, part, value }: SearchTerm): TermTest {
  const is = whole(value);
  const has = within(value);
  switch (field) {
    case "state":
      return byHead(({ state }) => state === value);
    case "lane":
      return byHead(({ head }) => is(laneOf(head.lane)));
    case "key":
      return byHead(({ head }) => isThere(taskKeyOf(head.lane), is));
    case "id":
      return byHead(({ id, head }) => is(id) || isThere(originOf(head)?.id, is));
    case "error":
      return byHead(({ head }) => has(lastError(head)));
    case "attempts": {
      const compares = comparison(value);
      return byHead(({ attempts }) => compares(attempts));
    }
    case "priority": {
      const compares = comparison(value);
      return byHead(({ head }) => compares(head.priority));
    }
    case "claimant":
      return byHead(({ claimant }) => isThere(claimant, is));
    case "origin":
      return byHead(({ head }) => isThere(originOf(head)?.queue, is));
    case "header":
      return byHead(({ head }) => isThere(headerOf(head, part), is));
    case "payload":
      return { ofHead: () => null, ofPayload: (payload) => payload.hasValue(part, is) };
    case "text":
      return {
        ofHead: ({ id, head }) => has(id) || isThere(originOf(head)?.id, has) || has(lastError(head)) || null,
        ofPayload: (payload) => has(payload.text),
      };
    default:
      return field satisfies never;
  }
}

/** Of a dead letter that has not failed here: what it died of. */
function lastError(head: TaskHead): string {
  return head.error ?? originOf(head)?.error ?? "";
}

function byHead(ofHead: (task: SeenHead) => boolean): TermTest {
  return { ofHead, ofPayload: () => false };
}

function isThere(text: string | null | undefined, is: (text: string) => boolean): boolean {
  return text !== null && text !== undefined && is(text);
}

function headerOf({ headers }: TaskHead, name: string): string | null {
  if (headers === null) return null;
  const all = JSON.parse(headers) as Readonly<Record<string, string>>;
  return Object.hasOwn(all, name) ? (all[name] ?? null) : null;
}
