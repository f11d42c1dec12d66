// Actions on all tasks that match, however many: the server counts them first, and the question says how many they are.

import { useEffect, useRef, useState } from "preact/hooks";
import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { applyToAll } from "../data/apply-all.ts";
import { CallError } from "../data/call.ts";
import type { Scan } from "../data/scan.ts";
import { TASK_ACTIONS, type TaskAction } from "../data/task-actions.ts";
import { samplesOf } from "./bulk-actions.tsx";
import { Confirm } from "./confirm.tsx";
import { showDialog } from "./dialog.tsx";
import { say } from "./notice.tsx";
import { count, number } from "./words.ts";

interface AllThatMatchProps {
  readonly scan: Scan;
  /** Some that match, to show. */
  readonly shown: readonly WireBrowsedTask[];
  readonly onDone: () => void;
}

export function AllThatMatch({ scan, shown, onDone }: AllThatMatchProps) {
  const [lookedAt, setLookedAt] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), [scan]);
  const ask = async (action: TaskAction): Promise<void> => {
    const control = new AbortController();
    abort.current = control;
    setLookedAt(0);
    try {
      const request = { query: scan.query, ...action.toAll, dryRun: true };
      const found = await applyToAll(scan.queue, request, control.signal, (so) => setLookedAt(so.lookedAt));
      if (found.tasks === 0) say(`${action.verb}: it is for none of them`, "bad");
      else askFor(action, scan, shown, found.tasks, found.asOf, onDone);
    } catch (error) {
      if (error instanceof CallError) say(error.message, "bad");
      else if (!control.signal.aborted) throw error;
    } finally {
      setLookedAt(null);
    }
  };
  if (lookedAt !== null) {
    return (
      <button type="button" class="quiet" onClick={() => abort.current?.abort()}>
        Looked at {number(lookedAt)} – stop
      </button>
    );
  }
  const fitting = TASK_ACTIONS.filter(({ states }) => scan.state === null || states.includes(scan.state));
  return (
    <details class="all-that-match">
      <summary>All that match</summary>
      <div class="bulk" role="group" aria-label="All that match">
        {fitting.map((action) => (
          <button
            key={action.name}
            type="button"
            class={action.isDestructive ? "danger-text" : ""}
            onClick={() => void ask(action)}
          >
            {action.name}: all
          </button>
        ))}
      </div>
    </details>
  );
}

function askFor(
  action: TaskAction,
  { queue, query }: Scan,
  shown: readonly WireBrowsedTask[],
  tasks: number,
  asOf: number,
  onDone: () => void,
): void {
  const title = `${action.verb} ${count(tasks, "task")}`;
  showDialog(
    <Confirm
      title={`${title}?`}
      effect={action.effect}
      samples={samplesOf(shown, tasks)}
      {...(action.isDestructive ? { nameToType: queue } : {})}
      button={title}
      run={async (abort, onProgress) => {
        const request = { query, ...action.toAll, asOf };
        const { tasks: done, left } = await applyToAll(queue, request, abort, (so) =>
          onProgress({ done: so.tasks, failed: so.left, total: tasks, error: null }),
        );
        say(
          `${action.verb}: ${count(done, "task")} done${left === 0 ? "" : `; ${number(left)} left as they are`}`,
          "good",
        );
        onDone();
      }}
    />,
  );
}
