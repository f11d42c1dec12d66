// Asks before something is done: how much it concerns, with samples, and where it destroys something the name of the queue. Then
// shows how far it is, and can be stopped.

import { useEffect, useRef, useState } from "preact/hooks";
import { CallError } from "../data/call.ts";
import type { Progress } from "../data/task-actions.ts";
import { closeDialog } from "./dialog.tsx";
import { FormError } from "./states.tsx";
import { count } from "./words.ts";

export interface Question {
  readonly title: string;
  readonly effect: string;
  /** The first few of what it concerns. */
  readonly samples?: readonly string[];
  /** Has to be typed before the button works. */
  readonly nameToType?: string;
  readonly button: string;
  /** @returns what to close with; null closes without a word */
  readonly run: (abort: AbortSignal, onProgress: (progress: Progress) => void) => Promise<void>;
}

export function Confirm({ title, effect, samples = [], nameToType, button, run }: Question) {
  const [typed, setTyped] = useState("");
  const [progress, setProgress] = useState<Progress | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const isReady = nameToType === undefined || typed === nameToType;

  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!isReady || isRunning) return;
    setRunning(true);
    setError(null);
    try {
      await run(abort.current.signal, setProgress);
      closeDialog();
    } catch (failure) {
      if (abort.current.signal.aborted) return;
      if (!(failure instanceof CallError)) throw failure;
      setError(failure.message);
      setRunning(false);
    }
  };

  return (
    <form class="question" onSubmit={(event) => void start(event)}>
      <h2 id="dialog-title">{title}</h2>
      <p>{effect}</p>
      {samples.length === 0 ? null : (
        <ul class="samples">
          {samples.map((sample) => (
            <li key={sample}>{sample}</li>
          ))}
        </ul>
      )}
      {nameToType === undefined ? null : (
        <label>
          <span>
            This cannot be undone. Type <b>{nameToType}</b> to go on.
          </span>
          <input
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            autocomplete="off"
            spellcheck={false}
          />
        </label>
      )}
      {progress === null ? null : <ProgressLine progress={progress} />}
      <FormError why={error} />
      <div class="buttons">
        <button type="button" onClick={closeDialog}>
          {isRunning ? "Stop" : "Keep as it is"}
        </button>
        <button type="submit" class={nameToType === undefined ? "main" : "danger"} disabled={!isReady || isRunning}>
          {isRunning ? "Working…" : button}
        </button>
      </div>
    </form>
  );
}

function ProgressLine({ progress: { done, failed, total, error } }: { readonly progress: Progress }) {
  return (
    <div class="progress" role="status">
      <progress max={total} value={done + failed} aria-label="Done so far" />
      <span>
        {done} of {count(total, "task")}
        {failed === 0 ? "" : `, ${failed} refused`}
      </span>
      {error === null ? null : <span class="muted">{error}</span>}
    </div>
  );
}
