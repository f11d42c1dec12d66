// A list of tasks, whose rows can be selected: by their boxes, from one box to another with Shift, or with `x`.

import { useRef } from "preact/hooks";
import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import type { Column } from "./task-columns.tsx";

interface TaskTableProps {
  readonly queue: string;
  readonly label: string;
  readonly tasks: readonly WireBrowsedTask[];
  readonly columns: readonly Column[];
  /** null: nothing can be done to them, so nothing is selected. */
  readonly selected: ReadonlySet<string> | null;
  readonly onSelect: (ids: readonly string[], isSelected: boolean) => void;
}

export function TaskTable({ queue, label, tasks, columns, selected, onSelect }: TaskTableProps) {
  const lastAt = useRef(0);
  const isShift = useRef(false);
  const isAll = selected !== null && tasks.length > 0 && tasks.every(({ id }) => selected.has(id));
  const toggle = (at: number, isSelected: boolean): void => {
    const from = isShift.current ? Math.min(lastAt.current, at) : at;
    const to = isShift.current ? Math.max(lastAt.current, at) : at;
    lastAt.current = at;
    onSelect(
      tasks.slice(from, to + 1).map(({ id }) => id),
      isSelected,
    );
  };
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="tasks">
        <thead>
          <tr>
            {selected === null ? null : (
              <th class="box">
                <input
                  type="checkbox"
                  aria-label="Select all rows"
                  checked={isAll}
                  onChange={({ currentTarget }) =>
                    onSelect(
                      tasks.map(({ id }) => id),
                      currentTarget.checked,
                    )
                  }
                />
              </th>
            )}
            {columns.map(({ name, title, isNumber }) => (
              <th key={name} scope="col" class={isNumber === true ? "number" : ""}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tasks.map((task, at) => (
            <tr key={task.id} class={selected?.has(task.id) === true ? "selected" : ""}>
              {selected === null ? null : (
                <td class="box">
                  <input
                    type="checkbox"
                    aria-label={`Select ${task.id}`}
                    checked={selected.has(task.id)}
                    onClick={(event) => (isShift.current = event.shiftKey)}
                    onChange={({ currentTarget }) => toggle(at, currentTarget.checked)}
                  />
                </td>
              )}
              {columns.map(({ name, title, isNumber, show }) => (
                <td key={name} class={isNumber === true ? `number of-${name}` : `of-${name}`} data-title={title}>
                  {show(task, queue)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
