// Actions on the selected tasks: a button for each action that suits at least one of them. Each asks first, with how
// many it concerns and five of them.

import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { isFor, runOnTasks, TASK_ACTIONS, type TaskAction } from "../data/task-actions.ts";
import { Confirm } from "./confirm.tsx";
import { showDialog } from "./dialog.tsx";
import { say } from "./notice.tsx";
import { previewOf } from "./task-columns.tsx";
import { count } from "./words.ts";

const SAMPLES = 5;

interface BulkActionsProps {
  readonly queue: string;
  readonly tasks: readonly WireBrowsedTask[];
  readonly onDone: () => void;
  /** null: there is no selection to clear. */
  readonly onClear: (() => void) | null;
}

export function BulkActions({ queue, tasks, onDone, onClear }: BulkActionsProps) {
  return (
    <div class="bulk" role="group" aria-label="Selected tasks">
      {onClear === null ? null : <b>{count(tasks.length, "task")} selected</b>}
      {TASK_ACTIONS.map((action) => {
        const fitting = tasks.filter((task) => isFor(action, task));
        if (fitting.length === 0) return null;
        return (
          <button
            key={action.name}
            type="button"
            class={action.isDestructive ? "danger-text" : ""}
            onClick={() => askAndRun(action, queue, fitting, onDone)}
          >
            {action.name}
            {fitting.length === tasks.length ? "" : ` (${fitting.length})`}
          </button>
        );
      })}
      {onClear === null ? null : (
        <button type="button" class="quiet" onClick={onClear}>
          Clear
        </button>
      )}
    </div>
  );
}

/** One task that is destroyed is named in the question; several ask for the queue's name. */
export function askAndRun(
  action: TaskAction,
  queue: string,
  tasks: readonly WireBrowsedTask[],
  onDone: () => void,
): void {
  const isMany = tasks.length > 1;
  const title = `${action.verb} ${isMany ? count(tasks.length, "task") : (tasks[0]?.id ?? "")}`;
  showDialog(
    <Confirm
      title={`${title}?`}
      effect={action.effect}
      samples={samplesOf(tasks, tasks.length)}
      {...(action.isDestructive && isMany ? { nameToType: queue } : {})}
      button={title}
      run={async (abort, onProgress) => {
        const { done, failed, error } = await runOnTasks(action, queue, tasks, abort, onProgress);
        const refused = failed === 0 ? "" : `; ${failed} refused: ${error ?? ""}`;
        say(`${action.verb}: ${count(done, "task")} done${refused}`, failed === 0 ? "good" : "bad");
        onDone();
      }}
    />,
  );
}

/** The first few, and how many more there are. */
export function samplesOf(tasks: readonly WireBrowsedTask[], total: number): readonly string[] {
  const samples = tasks.slice(0, SAMPLES).map((task) => `${task.id}  ${previewOf(task)}`);
  const more = total - samples.length;
  return more > 0 ? [...samples, `and ${count(more, "more", "more")}`] : samples;
}
