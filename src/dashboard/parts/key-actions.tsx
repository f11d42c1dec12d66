// Actions on one key of a queue: pausing it, unblocking it, and setting for it what the queue's settings say for all.

import { useState } from "preact/hooks";
import type { WireKey, WireKeyPatch } from "../../protocol/wire-key.ts";
import { call, CallError } from "../data/call.ts";
import { closeDialog, showDialog } from "./dialog.tsx";
import { say, sayDone } from "./notice.tsx";
import { FormError } from "./states.tsx";
import { count } from "./words.ts";

interface KeyActionsProps {
  readonly queue: string;
  readonly state: WireKey;
  readonly onDone: () => void;
}

export function KeyActions({ queue, state, onDone }: KeyActionsProps) {
  const { key, limited, override } = state;
  const isPaused = override.paused;
  const canUnblock = limited?.by === "blocked" || limited?.by === "limitKey";
  return (
    <div class="row-actions">
      {canUnblock ? (
        <button type="button" aria-label={`Unblock ${key}`} onClick={() => void unblock(queue, state, onDone)}>
          Unblock
        </button>
      ) : null}
      <button
        type="button"
        aria-label={`${isPaused ? "Resume" : "Pause"} ${key}`}
        onClick={() => void setKeyPaused(queue, key, !isPaused, onDone)}
      >
        {isPaused ? "Resume" : "Pause"}
      </button>
      <button
        type="button"
        aria-label={`Limits of ${key}`}
        onClick={() => showDialog(<KeyForm queue={queue} state={state} onDone={onDone} />)}
      >
        Limits
      </button>
    </div>
  );
}

/** Asks nothing: it is undone by one button. */
async function setKeyPaused(queue: string, key: string, paused: boolean, onDone: () => void): Promise<void> {
  const text = paused ? `${key} is paused: none of its tasks is offered.` : `Tasks of ${key} are offered again.`;
  const undo = (): void => void setKeyPaused(queue, key, !paused, onDone);
  await sayDone(call(queue, "setKey", { key, paused: paused ? true : null }), text, onDone, undo);
}

async function unblock(queue: string, { key, blockedBy }: WireKey, onDone: () => void): Promise<void> {
  const text =
    blockedBy.length === 0
      ? `${key} rests no longer.`
      : `${count(blockedBy.length, "dead task")} of ${key} left behind.`;
  await sayDone(call(queue, "unblockKey", { key }), text, onDone);
}

const FIELDS = [
  ["concurrency", "Claimed at one time", "tasks"],
  ["limit", "Attempts in a period", "attempts"],
  ["periodMs", "The period", "ms"],
  ["burst", "Attempts at once after a rest", "attempts"],
  ["weight", "Turns for one of another key's", "turns"],
] as const;

type Name = (typeof FIELDS)[number][0];
type Texts = Readonly<Record<Name, string>>;

function KeyForm({ queue, state: { key, override }, onDone }: KeyActionsProps) {
  const { concurrency, rate, weight } = override;
  const [texts, setTexts] = useState<Texts>({
    concurrency: textOf(concurrency),
    limit: textOf(rate?.limit),
    periodMs: textOf(rate?.periodMs),
    burst: textOf(rate?.burst),
    weight: textOf(weight),
  });
  const [error, setError] = useState<string | null>(null);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const patch = patchOf(texts);
    if (typeof patch === "string") {
      setError(patch);
      return;
    }
    try {
      await call(queue, "setKey", { key, ...patch });
    } catch (failure) {
      if (!(failure instanceof CallError)) throw failure;
      setError(failure.message);
      return;
    }
    closeDialog();
    say(`The limits of ${key} are set. They hold from the next claim on.`);
    onDone();
  };
  return (
    <form class="question key-form" onSubmit={(event) => void save(event)}>
      <h2 id="dialog-title">Limits of {key}</h2>
      <p>They hold for this key instead of the queue's settings. Empty: the settings hold.</p>
      {FIELDS.map(([name, title, unit]) => (
        <label key={name}>
          <span>{title}</span>
          <input
            inputMode="numeric"
            value={texts[name]}
            autocomplete="off"
            onInput={({ currentTarget }) => setTexts({ ...texts, [name]: currentTarget.value.trim() })}
          />
          <i class="muted">{unit}</i>
        </label>
      ))}
      <FormError why={error} />
      <div class="buttons">
        <button type="button" onClick={closeDialog}>
          Keep as it is
        </button>
        <button type="submit" class="main">
          Save
        </button>
      </div>
    </form>
  );
}

function textOf(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Ranges are the server's to judge, which names the field. @returns a text: why there is no patch */
function patchOf(texts: Texts): WireKeyPatch | string {
  const wrong = FIELDS.find(([name]) => !/^\d*$/.test(texts[name]));
  if (wrong !== undefined) return `${wrong[1]}: a whole number, or empty.`;
  const { concurrency, limit, periodMs, burst, weight } = texts;
  const rate = [limit, periodMs, burst];
  if (rate.includes("") && rate.some((text) => text !== ""))
    return "A rate takes all three: attempts, the period, and attempts at once.";
  return {
    concurrency: concurrency === "" ? null : Number(concurrency),
    rate: limit === "" ? null : { limit: Number(limit), periodMs: Number(periodMs), burst: Number(burst) },
    weight: weight === "" ? null : Number(weight),
  };
}
