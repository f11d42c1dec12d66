// One setting in the form: its field, what it does, what is allowed, and what is wrong with what was typed.

import type { SettingField } from "../data/settings-fields.ts";
import { number, span } from "./words.ts";

interface SettingRowProps {
  readonly field: SettingField;
  readonly text: string;
  /** What is wrong with the text; null: nothing. */
  readonly why: string | null;
  /** The reader may not change it. */
  readonly isFixed: boolean;
  readonly isChanged: boolean;
  readonly onType: (text: string) => void;
}

export function SettingRow({ field, text, why, isFixed, isChanged, onType }: SettingRowProps) {
  const { name, title, effect, unit = "", range, choices, empty } = field;
  const allowed = range === undefined ? "" : ` ${number(range.min)} to ${number(range.max)}.`;
  const common = { id: `setting-${name}`, value: text, disabled: isFixed, "aria-describedby": `effect-${name}` };
  return (
    <div class={isChanged ? "field changed" : "field"}>
      <label for={`setting-${name}`}>{title}</label>
      <div class="value">
        {choices === undefined ? (
          <input
            {...common}
            placeholder={empty ?? ""}
            inputMode={range === undefined ? "text" : "decimal"}
            aria-invalid={why !== null}
            onInput={({ currentTarget }) => onType(currentTarget.value.trim())}
          />
        ) : (
          <select {...common} onChange={({ currentTarget }) => onType(currentTarget.value)}>
            {Object.entries(choices).map(([choice, means]) => (
              <option key={choice} value={choice}>
                {choice}: {means}
              </option>
            ))}
          </select>
        )}
        <span class="unit">{unit}</span>
        <span class="muted">{unit === "ms" && why === null && text !== "" ? span(Number(text)) : ""}</span>
      </div>
      <p id={`effect-${name}`} class="muted">
        {effect}
        {allowed}
        {empty === undefined ? "" : ` Empty: ${empty}.`} {why === null ? null : <b class="bad">{why}.</b>}
      </p>
    </div>
  );
}

/** A value as a person reads it in what will change. */
export function shownSetting({ unit, range, choices, empty }: SettingField, text: string): string {
  if (text === "") return empty ?? "nothing";
  if (choices !== undefined) return choices[text] ?? text;
  if (range === undefined || !Number.isFinite(Number(text))) return text;
  return unit === "ms" ? `${number(Number(text))} ms (${span(Number(text))})` : number(Number(text));
}
