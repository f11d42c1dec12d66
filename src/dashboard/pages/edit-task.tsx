// Changes a task that nobody holds, or redrives a dead one with the change. The version is checked: a task that has moved on meanwhile is
// not overwritten, and what was typed stays.

import { useState } from "preact/hooks";
import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { call } from "../data/call.ts";
import { draftOf } from "../data/draft.ts";
import { useLive } from "../data/live.ts";
import { say } from "../parts/notice.tsx";
import { go, taskHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, NotLoaded } from "../parts/states.tsx";
import { TaskForm } from "../parts/task-form.tsx";

export function EditTaskPage({ name, id }: { readonly name: string; readonly id: string }) {
  const [opened] = useState(() => Date.now());
  const load = (abort: AbortSignal): Promise<WireBrowsedTask> => call(name, "getTask", { id }, abort);
  const { value, error } = useLive(`edit ${name} ${id} ${opened}`, load, null);
  const draft = value === null ? null : draftOf(value);
  const isDead = value?.state === "dead";
  const title = `${isDead ? "Change and redrive" : "Edit"} ${id}`;
  return (
    <Shell title={title} queue={name}>
      <h1>{title}</h1>
      {value === null ? <NotLoaded error={error} /> : null}
      {value !== null && draft === null ? <Empty title="Its payload is bytes, which a form cannot hold" /> : null}
      {value === null || draft === null ? null : (
        <TaskForm
          start={draft}
          isNew={false}
          button={isDead ? "Redrive with these changes" : "Save"}
          send={async ({ key: _key, id: _id, maxAttempts: _maxAttempts, ...change }) => {
            const redrive = isDead ? { redrive: true } : {};
            await call(name, "changeTask", { ...change, ...redrive, id, version: value.version });
            say(isDead ? `${id} is redriven, changed.` : `${id} is changed.`);
            go(taskHref(name, id));
          }}
        />
      )}
    </Shell>
  );
}
