// The form that a task is written in: a new one, a clone, or one that is changed. Errors are shown beside their fields.

import { useState } from "preact/hooks";
import type { WireNewTask } from "../../protocol/wire-task.ts";
import { CallError } from "../data/call.ts";
import { taskOfDraft, type Draft } from "../data/draft.ts";
import { FormError } from "./states.tsx";

interface TaskFormProps {
  readonly start: Draft;
  /** New tasks may have an id and attempts of their own. */
  readonly isNew: boolean;
  readonly button: string;
  readonly send: (task: WireNewTask) => Promise<void>;
}

export function TaskForm({ start, isNew, button, send }: TaskFormProps) {
  const [draft, setDraft] = useState(start);
  const [wrong, setWrong] = useState<{ readonly field: string; readonly why: string } | null>(null);
  const [isSending, setSending] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const result = taskOfDraft(draft);
    if (result.kind === "wrong") {
      setWrong(result);
      return;
    }
    setWrong(null);
    setSending(true);
    try {
      await send(result.task);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      setWrong({ field: "", why: error.message });
    } finally {
      setSending(false);
    }
  };
  const field = (name: keyof Draft, title: string, hint: string, isLong = false) => {
    const why = wrong?.field === name ? wrong.why : null;
    const common = {
      id: `task-${name}`,
      value: draft[name],
      spellcheck: false,
      "aria-describedby": `hint-${name}`,
      "aria-invalid": why !== null,
      onInput: ({ currentTarget }: { currentTarget: { value: string } }) =>
        setDraft({ ...draft, [name]: currentTarget.value }),
    };
    return (
      <div class={isLong ? "field long" : "field"}>
        <label for={`task-${name}`}>{title}</label>
        {isLong ? (
          <textarea {...common} rows={Math.min(20, Math.max(3, draft[name].split("\n").length + 1))} />
        ) : (
          <input {...common} autocomplete="off" />
        )}
        <p id={`hint-${name}`} class={why === null ? "muted" : "bad"}>
          {why ?? hint}
        </p>
      </div>
    );
  };
  return (
    <form class="task-form" onSubmit={(event) => void submit(event)}>
      {field("payload", "Payload", "JSON; or any text, with a content type", true)}
      {field("contentType", "Content type", "Empty for JSON; text/plain for text")}
      {field("lane", "Lane", "A sub-queue within the queue")}
      {isNew ? field("key", "Key", "What it belongs to: a tenant, an order, a host. Empty: nothing") : null}
      {field("priority", "Priority", "-100 to 100; the higher is offered first")}
      {field("delayMs", "Delay", "ms from now; empty: " + (isNew ? "ready at once" : "as it is"))}
      {isNew ? field("maxAttempts", "Attempts", "Empty: the queue's setting") : null}
      {isNew ? field("id", "Id", "Empty: the server makes one. A known id writes nothing") : null}
      {field("headers", "Headers", "A line each: name: value", true)}
      <FormError why={wrong?.field === "" ? wrong.why : null} />
      <div class="buttons">
        <button type="button" onClick={() => history.back()}>
          Back
        </button>
        <button type="submit" class="main" disabled={isSending}>
          {button}
        </button>
      </div>
    </form>
  );
}
