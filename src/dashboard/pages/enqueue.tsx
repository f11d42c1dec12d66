// Writes a task: a new one, or with `?from=` a clone of one that is there, with changes.

import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { call } from "../data/call.ts";
import { draftOf, EMPTY_DRAFT } from "../data/draft.ts";
import { useLive } from "../data/live.ts";
import { say } from "../parts/notice.tsx";
import { go, place, taskHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, NotLoaded } from "../parts/states.tsx";
import { TaskForm } from "../parts/task-form.tsx";

export function EnqueuePage({ name }: { readonly name: string }) {
  const from = place.value.query.get("from");
  return (
    <Shell title={`Enqueue into ${name}`} queue={name}>
      <h1>{from === null ? "Enqueue a task" : "Clone a task"}</h1>
      {from === null ? <NewTask name={name} /> : <Clone name={name} id={from} />}
    </Shell>
  );
}

function NewTask({ name, task }: { readonly name: string; readonly task?: WireBrowsedTask }) {
  const start = task === undefined ? EMPTY_DRAFT : draftOf(task);
  if (start === null) {
    return (
      <Empty title="Its payload is bytes">
        <p>A form cannot hold them. Clone it with the command line.</p>
      </Empty>
    );
  }
  return (
    <TaskForm
      start={start}
      isNew
      button="Enqueue"
      send={async (given) => {
        const { tasks } = await call(name, "enqueue", { tasks: [given] });
        const [written] = tasks;
        if (written === undefined) return;
        say(written.duplicate ? `${written.id} was known already: nothing was written.` : `${written.id} is enqueued.`);
        go(taskHref(name, written.id));
      }}
    />
  );
}

function Clone({ name, id }: { readonly name: string; readonly id: string }) {
  const { value, error } = useLive(`clone ${name} ${id}`, (abort) => call(name, "getTask", { id }, abort), null);
  if (value === null) return <NotLoaded error={error} />;
  return <NewTask name={name} task={value} />;
}
