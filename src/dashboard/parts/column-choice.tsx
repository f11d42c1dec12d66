// Which columns a list of tasks has: in the address, and kept in this browser for the next list.

import { COLUMNS, DEFAULT_COLUMNS, FIXED, type Column } from "./task-columns.tsx";
import { go, place, withQuery } from "./router.ts";

const KEY = "edgeq-columns";

export function chosenColumns(): readonly Column[] {
  const names = new Set(chosenNames());
  return COLUMNS.filter(({ name }) => FIXED.has(name) || names.has(name));
}

function chosenNames(): readonly string[] {
  const text = place.value.query.get("columns") ?? localStorage.getItem(KEY);
  return text === null ? DEFAULT_COLUMNS : text.split(",");
}

export function ColumnChoice() {
  const names = chosenNames();
  const choose = (name: string, isChosen: boolean): void => {
    const next = COLUMNS.map((column) => column.name).filter((other) =>
      other === name ? isChosen : names.includes(other),
    );
    localStorage.setItem(KEY, next.join(","));
    go(withQuery({ columns: next.join(",") }), true);
  };
  return (
    <details class="columns">
      <summary>Columns</summary>
      <fieldset>
        <legend class="hidden">Columns</legend>
        {COLUMNS.filter(({ name }) => !FIXED.has(name)).map(({ name, title }) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={names.includes(name)}
              onChange={({ currentTarget }) => choose(name, currentTarget.checked)}
            />
            {title}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
