// Actions on a queue as a whole. Those that change many tasks ask first, with how many they are.

import { everyAnswer } from "../../client/every-answer.ts";
import type { WireQueue } from "../../protocol/wire-queue.ts";
import { call } from "../data/call.ts";
import { Confirm } from "./confirm.tsx";
import { showDialog } from "./dialog.tsx";
import { say, sayDone } from "./notice.tsx";
import { go } from "./router.ts";
import { count } from "./words.ts";

/** Asks nothing: it is undone by one button. */
export async function setPaused(queue: string, paused: boolean, onDone: () => void): Promise<void> {
  const text = paused ? `${queue} is paused: nothing is offered.` : `${queue} offers tasks again.`;
  const undo = (): void => void setPaused(queue, !paused, onDone);
  await sayDone(call(queue, "configure", { paused }), text, onDone, undo);
}

export function askToRedriveAll({ name, stats }: WireQueue, onDone: () => void): void {
  showDialog(
    <Confirm
      title={`Redrive ${count(stats.dead, "dead task")}?`}
      effect="They are offered again with no attempts counted. If what made them fail is still there, they will die again."
      button="Redrive"
      run={async (abort, onProgress) => {
        let done = 0;
        let leftChanged: readonly string[] = [];
        for await (const answer of everyAnswer((from) => call(name, "redrive", from, abort))) {
          done += answer.tasks;
          if (answer.leftChanged.length > 0) ({ leftChanged } = answer);
          onProgress({ done, failed: 0, total: Math.max(stats.dead, done), error: null });
          if (abort.aborted) break;
        }
        const left =
          leftChanged.length > 0
            ? ` Dead letters that were changed here were left; they came from ${leftChanged.join(", ")}.`
            : "";
        say(`${count(done, "task")} redriven.${left}`);
        onDone();
      }}
    />,
  );
}

export function askToPurge({ name, stats }: WireQueue, onDone: () => void): void {
  const { ready, delayed, claimed, dead } = stats;
  const total = ready + delayed + claimed + dead;
  showDialog(
    <Confirm
      title={`Purge ${count(total, "task")}?`}
      effect={`Every task is deleted: ${ready} ready, ${delayed} delayed, ${claimed} claimed, ${dead} dead. The settings stay.`}
      nameToType={name}
      button={`Purge ${count(total, "task")}`}
      run={async (abort) => {
        const { tasks } = await call(name, "purge", {}, abort);
        say(`${count(tasks, "task")} deleted.`);
        onDone();
      }}
    />,
  );
}

export function askToDelete({ name, stats }: WireQueue): void {
  const { ready, delayed, claimed, dead } = stats;
  showDialog(
    <Confirm
      title={`Delete the queue ${name}?`}
      effect={`Its settings and ${count(ready + delayed + claimed + dead, "task")} are deleted.`}
      nameToType={name}
      button="Delete the queue"
      run={async (abort) => {
        await call(name, "deleteQueue", {}, abort);
        say(`${name} is deleted.`);
        go("/");
      }}
    />,
  );
}
