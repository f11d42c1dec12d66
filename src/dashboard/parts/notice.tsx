// The last thing that happened, in one line at the foot of the page and for screen readers, with an undo where there is one.

import { signal } from "@preact/signals";
import { CallError } from "../data/call.ts";

interface Notice {
  readonly text: string;
  readonly tone: "good" | "bad";
  readonly undo: (() => void) | null;
}

const notice = signal<Notice | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;
/** Long enough to read a line and reach its button. ms. */
const SHOWN_MS = 8_000;

export function say(text: string, tone: Notice["tone"] = "good", undo: Notice["undo"] = null): void {
  clearTimeout(timer);
  notice.value = { text, tone, undo };
  timer = setTimeout(() => (notice.value = null), SHOWN_MS);
}

/** The answer to a call; null: it was refused, which is said. */
export async function answerOrNotice<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    say(error.message, "bad");
    return null;
  }
}

/** Says what has become of a change that was asked for without a question. */
export async function sayDone(
  change: Promise<unknown>,
  text: string,
  onDone: () => void,
  undo: Notice["undo"] = null,
): Promise<void> {
  if ((await answerOrNotice(change)) === null) return;
  say(text, "good", undo);
  onDone();
}

export function NoticeLine() {
  const shown = notice.value;
  return (
    <div class="notice-place" role="status" aria-live="polite">
      {shown === null ? null : (
        <div class={`notice ${shown.tone}`}>
          <span>{shown.text}</span>
          {shown.undo === null ? null : (
            <button
              type="button"
              onClick={() => {
                notice.value = null;
                shown.undo?.();
              }}
            >
              Undo
            </button>
          )}
          <button type="button" class="quiet" aria-label="Dismiss" onClick={() => (notice.value = null)}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}
