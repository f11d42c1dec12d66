// The settings of a queue: what each means, what will change before it is saved, and an undo afterwards. Below them what ends a
// queue.

import { useEffect, useState } from "preact/hooks";
import type { WireQueue, WireSettingsPatch } from "../../protocol/wire-queue.ts";
import { call } from "../data/call.ts";
import { may } from "../data/session.ts";
import { SETTING_FIELDS, SETTING_GROUPS } from "../data/settings-fields.ts";
import { patchOf, textOfSetting, whyNotSetting } from "../data/settings-text.ts";
import { useQueue } from "../data/use-queue.ts";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { answerOrNotice, say } from "../parts/notice.tsx";
import { askToDelete, askToPurge } from "../parts/queue-actions.tsx";
import { SettingRow, shownSetting } from "../parts/setting-row.tsx";
import { Shell } from "../parts/shell.tsx";
import { NotLoaded } from "../parts/states.tsx";
import { count } from "../parts/words.ts";

export function SettingsPage({ name }: { readonly name: string }) {
  const { value, error, refresh } = useQueue(name);
  useEffect(() => onRefreshKey(refresh));
  return (
    <Shell title={`Settings of ${name}`} queue={name}>
      <h1>Settings</h1>
      {value === null ? <NotLoaded error={error} /> : null}
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
  const before = (field: string): string => textOfSetting(settings, field);
  const text = (field: string): string => typed[field] ?? before(field);
  const changed = SETTING_FIELDS.filter((field) => text(field.name) !== before(field.name));
  const isWrong = changed.some((field) => whyNotSetting(field, text(field.name), text) !== null);
  // A link to one setting: the fields are there only now.
  useEffect(() => document.getElementById(location.hash.slice(1))?.focus(), []);
  const put = (patch: WireSettingsPatch) => answerOrNotice(call(name, "configure", patch));
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (changed.length === 0 || isWrong) return;
    if ((await put(patchOf(changed, text))) === null) return;
    setTyped({});
    refresh();
    say(`Saved ${count(changed.length, "change")}.`, "good", () => {
      void put(patchOf(changed, before)).then(refresh);
    });
  };
  return (
    <form class="settings" onSubmit={(event) => void save(event)}>
      {may("manage", name) ? null : <p class="muted">Your token shows the settings. It does not change them.</p>}
      {Object.entries(SETTING_GROUPS).map(([group, fields]) => (
        <fieldset key={group}>
          <legend>{group}</legend>
          {fields.map((field) => (
            <SettingRow
              key={field.name}
              field={field}
              text={text(field.name)}
              why={whyNotSetting(field, text(field.name), text)}
              isFixed={!may("manage", name)}
              isChanged={changed.includes(field)}
              onType={(value) => setTyped({ ...typed, [field.name]: value })}
            />
          ))}
        </fieldset>
      ))}
      {changed.length === 0 ? null : (
        <section class="diff card" aria-labelledby="diff-title">
          <header>
            <h2 id="diff-title">What will change</h2>
          </header>
          <ul>
            {changed.map((field) => (
              <li key={field.name}>
                {field.title}: <del>{shownSetting(field, before(field.name))}</del>{" "}
                <ins>{shownSetting(field, text(field.name))}</ins>
              </li>
            ))}
          </ul>
          <div class="buttons">
            <button type="button" onClick={() => setTyped({})}>
              Keep as it is
            </button>
            <button type="submit" class="main" disabled={isWrong}>
              Save {count(changed.length, "change")}
            </button>
          </div>
        </section>
      )}
    </form>
  );
}
