// The settings of a queue: what each means, what will change before it is saved, and an undo afterwards. Below them what ends a
// queue.

import { useEffect, useState } from "preact/hooks";
import type { WireQueue, WireSettingsPatch } from "../../protocol/wire-queue.ts";
import { call, CallError } from "../data/call.ts";
import { may } from "../data/session.ts";
import { patchOf, SETTING_FIELDS, textOfSetting, whyNotSetting, type SettingField } from "../data/settings-fields.ts";
import { useQueue } from "../data/use-queue.ts";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { say } from "../parts/notice.tsx";
import { askToDelete, askToPurge } from "../parts/queue-actions.tsx";
import { Shell } from "../parts/shell.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { count, number, span } from "../parts/words.ts";

export function SettingsPage({ name }: { readonly name: string }) {
  const { value, error, refresh } = useQueue(name);
  useEffect(() => onRefreshKey(refresh));
  return (
    <Shell title={`Settings of ${name}`} queue={name}>
      <h1>Settings</h1>
      {value === null ? error === null ? <Skeleton /> : <Failure error={error} /> : null}
      {value === null ? null : <Form key={name} queue={value} refresh={refresh} />}
      {value === null || !may("manage", name) ? null : (
        <section class="card danger-zone" aria-labelledby="danger-title">
          <header>
            <h2 id="danger-title">What cannot be undone</h2>
          </header>
          <div class="buttons">
            <button type="button" class="danger-text" onClick={() => askToPurge(value, refresh)}>
              Purge the queue…
            </button>
            <button type="button" class="danger-text" onClick={() => askToDelete(value)}>
              Delete the queue…
            </button>
          </div>
        </section>
      )}
    </Shell>
  );
}

function Form({ queue, refresh }: { readonly queue: WireQueue; readonly refresh: () => void }) {
  /** What was typed; a field that is not in it shows what the server has. */
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const { name, settings } = queue;
  const isFixed = !may("manage", name);
  const changes = Object.fromEntries(
    Object.entries(typed).filter(([field, text]) => text !== textOfSetting(settings, field)),
  );
  const names = Object.keys(changes);
  const wrong = SETTING_FIELDS.filter((field) => whyNotSetting(field, typed[field.name] ?? "0 ") !== null).filter(
    ({ name: field }) => field in typed,
  );
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (names.length === 0 || wrong.length > 0) return;
    const before = Object.fromEntries(names.map((field) => [field, textOfSetting(settings, field)]));
    if (await put(name, changes)) {
      setTyped({});
      refresh();
      say(`Saved ${count(names.length, "change")}.`, "good", () => {
        void put(name, before).then(refresh);
      });
    }
  };
  return (
    <form class="settings" onSubmit={(event) => void save(event)}>
      {SETTING_FIELDS.map((field) => (
        <Field
          key={field.name}
          field={field}
          text={typed[field.name] ?? textOfSetting(settings, field.name)}
          isFixed={isFixed}
          isChanged={field.name in changes}
          onType={(text) => setTyped({ ...typed, [field.name]: text })}
        />
      ))}
      {names.length === 0 ? null : (
        <section class="diff card" aria-labelledby="diff-title">
          <header>
            <h2 id="diff-title">What will change</h2>
          </header>
          <ul>
            {SETTING_FIELDS.filter((field) => field.name in changes).map((field) => (
              <li key={field.name}>
                {field.title}: <del>{shown(field, textOfSetting(settings, field.name))}</del>{" "}
                <ins>{shown(field, changes[field.name] ?? "")}</ins>
              </li>
            ))}
          </ul>
          <div class="buttons">
            <button type="button" onClick={() => setTyped({})}>
              Keep as it is
            </button>
            <button type="submit" class="main" disabled={wrong.length > 0}>
              Save {count(names.length, "change")}
            </button>
          </div>
        </section>
      )}
    </form>
  );
}

async function put(queue: string, changes: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    await call(queue, "configure", patchOf(changes) as WireSettingsPatch);
    return true;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    say(error.message, "bad");
    return false;
  }
}

interface FieldProps {
  readonly field: SettingField;
  readonly text: string;
  readonly isFixed: boolean;
  readonly isChanged: boolean;
  readonly onType: (text: string) => void;
}

function Field({ field, text, isFixed, isChanged, onType }: FieldProps) {
  const { name, title, effect, unit, range, empty } = field;
  const why = whyNotSetting(field, text);
  const allowed = range === null ? "" : ` ${number(range.min)} to ${number(range.max)}.`;
  return (
    <div class={isChanged ? "field changed" : "field"}>
      <label for={`setting-${name}`}>{title}</label>
      <div class="value">
        <input
          id={`setting-${name}`}
          value={text}
          disabled={isFixed}
          placeholder={empty ?? ""}
          inputMode={range === null ? "text" : "decimal"}
          aria-describedby={`effect-${name}`}
          aria-invalid={why !== null}
          onInput={({ currentTarget }) => onType(currentTarget.value.trim())}
        />
        <span class="unit">{unit === "name" ? "" : unit}</span>
        <span class="muted">{unit === "ms" && why === null && text !== "" ? span(Number(text)) : ""}</span>
      </div>
      <p id={`effect-${name}`} class="muted">
        {effect}
        {allowed}
        {empty === null ? "" : ` Empty: ${empty}.`} {why === null ? null : <b class="bad">{why}.</b>}
      </p>
    </div>
  );
}

function shown({ unit, empty }: SettingField, text: string): string {
  if (text === "") return empty ?? "nothing";
  if (unit === "name") return text;
  return unit === "ms" ? `${number(Number(text))} ms (${span(Number(text))})` : number(Number(text));
}
