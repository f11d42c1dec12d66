// Whether a task matches what is searched for: by its head, or, where that does not decide it, by its payload.

import { looksIntoPayload, type SearchTerm } from "../../core/search.ts";
import { laneOf, taskKeyOf } from "../../core/stored-lane.ts";
import type { TaskState } from "../../core/task.ts";
import type { TaskHead, TaskRow } from "../../store/task-row.ts";
import { originOf, type Origin } from "../tasks/origin.ts";
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
  readonly ofHead: (task: SearchedHead) => boolean | null;
  readonly ofPayload: (payload: SearchedPayload) => boolean;
}

export class TermTests {
  readonly #tests: readonly TermTest[];
  /** Terms that look into payloads, at least one: a payload takes as many times as long. */
  readonly looks: number;

  constructor(terms: readonly SearchTerm[]) {
    this.#tests = terms.map((term) => (term.isExcluded ? excluded(testOf(term)) : testOf(term)));
    this.looks = Math.max(1, terms.filter(looksIntoPayload).length);
  }

  /** null: the payload decides. */
  matchesHead(task: SeenHead): boolean | null {
    const head = new SearchedHead(task);
    let isTold = true;
    for (const { ofHead } of this.#tests) {
      const result = ofHead(head);
      if (result === false) return false;
      isTold &&= result === true;
    }
    return isTold ? true : null;
  }

  /** Of a task for which the head does not decide it. */
  matchesPayload(task: SeenHead, row: Pick<TaskRow, "payload">): boolean {
    const head = new SearchedHead(task);
    const payload = new SearchedPayload(row);
    return this.#tests.every(({ ofHead, ofPayload }) => ofHead(head) ?? ofPayload(payload));
  }
}

/** What of a head is stored as JSON is parsed once, however many terms look at it. */
class SearchedHead {
  readonly seen: SeenHead;
  #headers: Readonly<Record<string, string>> | undefined;
  #origin: Origin | null | undefined;

  constructor(seen: SeenHead) {
    this.seen = seen;
  }

  /** null: the task was not dead in another queue. */
  get origin(): Origin | null {
    return (this.#origin ??= originOf(this.seen.head));
  }

  /** Of a dead letter that has not failed here: what it died of. */
  get lastError(): string {
    return this.seen.head.error ?? this.origin?.error ?? "";
  }

  header(name: string): string | null {
    const all = (this.#headers ??= headersOf(this.seen.head));
    return Object.hasOwn(all, name) ? (all[name] ?? null) : null;
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
      return byHead(({ seen }) => seen.state === value);
    case "lane":
      return byHead(({ seen }) => is(laneOf(seen.head.lane)));
    case "key":
      return byHead(({ seen }) => isThere(taskKeyOf(seen.head.lane), is));
    case "id":
      return byHead((head) => is(head.seen.id) || isThere(head.origin?.id, is));
    case "error":
      return byHead((head) => has(head.lastError));
    case "attempts": {
      const compares = comparison(value);
      return byHead(({ seen }) => compares(seen.attempts));
    }
    case "priority": {
      const compares = comparison(value);
      return byHead(({ seen }) => compares(seen.head.priority));
    }
    case "claimant":
      return byHead(({ seen }) => isThere(seen.claimant, is));
    case "origin":
      return byHead((head) => isThere(head.origin?.queue, is));
    case "header":
      return byHead((head) => isThere(head.header(part), is));
    case "payload":
      return { ofHead: () => null, ofPayload: (payload) => payload.hasValue(part, is) };
    case "text":
      return {
        ofHead: (head) => has(head.seen.id) || isThere(head.origin?.id, has) || has(head.lastError) || null,
        ofPayload: (payload) => has(payload.text),
      };
    default:
      return field satisfies never;
  }
}

function byHead(ofHead: (task: SearchedHead) => boolean): TermTest {
  return { ofHead, ofPayload: () => false };
}

function isThere(text: string | null | undefined, is: (text: string) => boolean): boolean {
  return text !== null && text !== undefined && is(text);
}

function headersOf({ headers }: TaskHead): Readonly<Record<string, string>> {
  return headers === null ? {} : (JSON.parse(headers) as Record<string, string>);
}
