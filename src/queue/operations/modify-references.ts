// The references of a modify, each checked against what is there. Reads only, and reads no payload.

import type {
  DocumentRef,
  ModifyChange,
  ModifyFailure,
  ModifyInput,
  ModifyReference,
  TaskRef,
} from "../../core/modify.ts";
import type { Refusal } from "../../core/operation.ts";
import { INDEXED_FROM, keyOf } from "../../core/sequence.ts";
import { isOfLives, keyOfTaskId, type Lives } from "../../core/task-id.ts";
import type { Document } from "../../core/document.ts";
import { DEAD, DONE } from "../../store/task-row.ts";
import type { Claim } from "../claims/claim.ts";
import { heldClaim } from "../claims/held-claim.ts";
import { headByKey, type StoredHead } from "../tasks/find-task.ts";
import { knownIds, type KnownIds } from "../tasks/known-ids.ts";
import type { QueueState } from "../state.ts";
import { idOf } from "../tasks/task-view.ts";

/** A task without its payload. */
export type FoundHead = StoredHead;

export interface FoundTask {
  readonly head: FoundHead;
  /** The claim by whose token it was named. */
  readonly claim: Claim | undefined;
}

type Item = ModifyChange | ModifyReference;
type Operation = ModifyFailure["operation"];

export interface Found {
  readonly kind: "found";
  readonly tasks: ReadonlyMap<Item, FoundTask>;
  readonly documents: ReadonlyMap<string, Pick<Document, "version" | "createdAt">>;
  /** The own ids of inserts that are taken. */
  readonly ids: KnownIds;
}

export function findReferences(state: QueueState, input: ModifyInput, now: number): Found | Refusal {
  const references = [
    ...input.change.map((item, index) => ({ operation: "change" as const, index, item })),
    ...input.delete.map((item, index) => ({ operation: "delete" as const, index, item })),
    ...input.depend.map((item, index) => ({ operation: "depend" as const, index, item })),
  ];
  const lookup = new Lookup(state, references, input, now);
  for (const { operation, index, item } of references) {
    if ("document" in item) lookup.checkDocument(operation, index, item.document);
    else lookup.checkTask(operation, index, item, item.task);
  }
  return lookup.result();
}

/** One pass over the references of one modify. */
class Lookup {
  readonly #state: QueueState;
  readonly #input: ModifyInput;
  readonly #now: number;
  readonly #lives: Lives;
  readonly #keys: ReadonlyMap<string, number>;
  readonly #heads: ReadonlyMap<number, FoundHead>;
  readonly #documents: ReadonlyMap<string, Pick<Document, "version" | "createdAt">>;
  readonly #ids: KnownIds;
  readonly #tasks = new Map<Item, FoundTask>();
  readonly #failures: ModifyFailure[] = [];
  /** What is named so far: a task or a document may be named once. */
  readonly #named = new Set<string>();
  #invalid: Refusal | null = null;

  constructor(state: QueueState, references: readonly { readonly item: Item }[], input: ModifyInput, now: number) {
    this.#state = state;
    this.#input = input;
    this.#now = now;
    const isThere = state.existing() !== null;
    this.#lives = state.lives;
    const tasks = references.flatMap(({ item }) => ("document" in item ? [] : [item.task]));
    this.#keys = isThere ? this.#keysOf(tasks) : new Map();
    this.#heads = isThere ? this.#headsOf([...this.#keys.values()]) : new Map();
    const documentKeys = [...references.map(({ item }) => item), ...input.insert].flatMap((item) =>
      "document" in item ? [item.document.key] : [],
    );
    const documents = isThere ? state.documents.versions(documentKeys) : [];
    this.#documents = new Map(documents.map((row) => [row.key, row]));
    const ids = input.insert.flatMap((item) =>
      "document" in item || item.queue !== undefined ? [] : (item.task.id ?? []),
    );
    this.#ids = knownIds(state, ids, now);
    this.#checkInserts();
  }

  checkTask(operation: Exclude<Operation, "insert">, index: number, item: Item, ref: TaskRef): void {
    const path = `${operation}[${index}]`;
    if ("claim" in ref && !isOfLives(this.#lives, ref.claim.tag)) {
      this.#refuse(`${path}.claim`, "a claim token of another queue", "claim tokens of this queue");
      return;
    }
    const head = this.#headOf(ref);
    const id = head === undefined ? ("id" in ref ? ref.id : undefined) : idOf(this.#lives, head);
    this.#name(`task ${id ?? `claimed ${"claim" in ref ? ref.claim.key : ""}`}`, id, path);
    const failure = { operation, index, ...(id === undefined ? {} : { id }) };
    if (head === undefined || head.state === DONE) {
      this.#failures.push({ ...failure, reason: "missing" });
      return;
    }
    const claim = this.#state.claims.get(head.seq);
    const version = claim === undefined ? head.version : head.version + 1;
    const held = "claim" in ref ? heldClaim(this.#state, ref.claim, this.#now) : undefined;
    if (held !== undefined && this.#isOfClaimant(held)) {
      this.#tasks.set(item, { head, claim: held });
    } else if (claim !== undefined && ("claim" in ref || operation !== "depend")) {
      this.#failures.push({ ...failure, reason: "claimed", version, claimedUntil: claim.expiresAt });
    } else if ("claim" in ref || ref.version !== version) {
      this.#failures.push({ ...failure, reason: "stale", version });
    } else if (operation === "change" && head.state === DEAD) {
      this.#failures.push({ ...failure, reason: "dead", version });
    } else {
      this.#tasks.set(item, { head, claim: undefined });
    }
  }

  checkDocument(operation: Operation, index: number, { key, version }: DocumentRef): void {
    this.#name(`document ${key}`, key, `${operation}[${index}]`);
    const found = this.#documents.get(key)?.version ?? 0;
    if (found === version) return;
    const failure = { operation, index, key };
    this.#failures.push(
      found === 0 ? { ...failure, reason: "missing" } : { ...failure, reason: "stale", version: found },
    );
  }

  result(): Found | Refusal {
    if (this.#invalid !== null) return this.#invalid;
    if (this.#failures.length > 0) return { kind: "dependency-failed", failures: this.#failures };
    return { kind: "found", tasks: this.#tasks, documents: this.#documents, ids: this.#ids };
  }

  #checkInserts(): void {
    for (const [index, item] of this.#input.insert.entries()) {
      const failure = { operation: "insert" as const, index, reason: "colliding" as const };
      if ("document" in item) {
        const { key } = item.document;
        this.#name(`document ${key}`, key, `insert[${index}]`);
        const found = this.#documents.get(key);
        if (found !== undefined) this.#failures.push({ ...failure, key, version: found.version });
        continue;
      }
      const { id } = item.task;
      if (id === undefined) continue;
      this.#name(item.queue === undefined ? `task ${id}` : `task ${id} in ${item.queue}`, id, `insert[${index}]`);
      const taken = item.queue === undefined ? this.#ids.taken.get(id) : undefined;
      if (taken !== undefined && item.onConflict === "fail") {
        this.#failures.push({ ...failure, id, version: taken.version });
      }
    }
  }

  #isOfClaimant(claim: Claim): boolean {
    return this.#input.claimant === undefined || this.#input.claimant === claim.slot.claimant;
  }

  /** The row of a public id, under which a task that has an id of its own cannot be found by its key. */
  #headOf(ref: TaskRef): FoundHead | undefined {
    if ("claim" in ref) return this.#heads.get(ref.claim.key);
    const head = this.#heads.get(this.#keys.get(nameOf(ref)) ?? -1);
    return head === undefined || idOf(this.#lives, head) !== ref.id ? undefined : head;
  }

  /** The key of every task that is named, by its name in `nameOf`. */
  #keysOf(refs: readonly TaskRef[]): Map<string, number> {
    const keys = new Map<string, number>();
    const ids: string[] = [];
    for (const ref of refs) {
      const key = "claim" in ref ? ref.claim.key : keyOfTaskId(this.#lives, ref.id);
      if (key !== null) keys.set(nameOf(ref), key);
      if ("id" in ref) ids.push(ref.id);
    }
    if (ids.length === 0) return keys;
    for (const { taskId, seq } of this.#state.tasks.byTaskIds(ids)) {
      if (taskId !== null) keys.set(`id ${taskId}`, keyOf(seq));
    }
    return keys;
  }

  /** What is there under these keys: in rows of their own, read at once, or in runs. */
  #headsOf(keys: readonly number[]): Map<number, FoundHead> {
    const heads = new Map<number, FoundHead>();
    const seqs = keys.flatMap((key) => [key, key + INDEXED_FROM]);
    for (const head of this.#state.tasks.headsAt(seqs)) heads.set(keyOf(head.seq), { ...head, inRun: null });
    for (const key of keys) {
      const found = heads.has(key) ? undefined : headByKey(this.#state, key);
      if (found !== undefined) heads.set(key, found);
    }
    return heads;
  }

  #name(name: string, given: string | undefined, path: string): void {
    if (this.#named.has(name)) {
      this.#refuse(
        path,
        given ?? "a claim token",
        "each task and document once over insert, change, delete and depend",
      );
    }
    this.#named.add(name);
  }

  #refuse(field: string, given: string, allowed: string): void {
    this.#invalid ??= { kind: "invalid", field, given, allowed };
  }
}

function nameOf(ref: TaskRef): string {
  return "id" in ref ? `id ${ref.id}` : `claim ${ref.claim.key}`;
}
