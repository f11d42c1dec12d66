// Enqueued tasks, kept for assertions, also after the tasks are done. Sees the bodies of calls and their answers.

import { decodePayload } from "../client/payload.ts";
import type { WireModified, WireModify } from "../protocol/wire-modify.ts";
import type { WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import type { WireEnqueuedTask, WireNewTask } from "../protocol/wire-task.ts";

/** A task as it was enqueued: its payload, its options as they were given, and the instant of the call. */
export interface EnqueuedTask<Payload = unknown> extends Omit<WireNewTask, "payload" | "encoding"> {
  readonly payload: Payload;
  /** ms since the Unix epoch, in the server's time. */
  readonly enqueuedAt: number;
}

export class EnqueuedLog {
  readonly #byQueue = new Map<string, EnqueuedTask[]>();

  of(queue: string): readonly EnqueuedTask[] {
    return this.#byQueue.get(queue) ?? [];
  }

  /** Takes note of a call that succeeded. Tasks whose id was known are not written, and not noted. */
  note<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    answer: unknown,
    now: number,
  ): void {
    if (operation === "enqueue") {
      // The number by which the call is known is none of its tasks' options.
      const { call: _call, ...sent } = body as WireBody<"enqueue">;
      const tasks = "tasks" in sent ? sent.tasks : [sent];
      const { tasks: written } = answer as { readonly tasks: readonly WireEnqueuedTask[] };
      for (const [index, task] of tasks.entries()) {
        if (written[index]?.duplicate !== true) this.#add(queue, task, now);
      }
    }
    if (operation === "modify") this.#noteModify(queue, body as WireModify, answer as WireModified, now);
  }

  #noteModify(queue: string, { insert = [] }: WireModify, { inserted }: WireModified, now: number): void {
    for (const [index, entry] of insert.entries()) {
      if ("document" in entry) continue;
      const { queue: target = queue, onConflict: _, ...task } = entry;
      const result = inserted[index];
      if (result !== undefined && "duplicate" in result && result.duplicate) continue;
      this.#add(target, task, now);
    }
  }

  #add(queue: string, { payload, encoding, ...options }: WireNewTask, now: number): void {
    const noted = { ...options, payload: decodePayload(payload, encoding ?? "json"), enqueuedAt: now };
    this.#byQueue.set(queue, [...this.of(queue), noted]);
  }
}
