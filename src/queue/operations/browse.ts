// Pages through tasks without claiming them. A page looks at a bounded number of tasks, whatever is asked for and whatever
// lies between, and reads the payloads of those that it shows.

import { LIMITS } from "../../core/limits.ts";
import type { BrowseInput, OutcomeOf, TaskPlace } from "../../core/operation.ts";
import { laneOf } from "../../core/stored-lane.ts";
import type { QueueState } from "../state.ts";
import { TaskPage } from "../tasks/task-page.ts";
import { stateOf } from "../tasks/task-view.ts";
import type { SeenTask } from "../tasks/walk-step.ts";
import { walkTasks } from "../tasks/walk-tasks.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

export const browse: OnQueue<"browse"> = (state, input, now) => {
  if (state.scans.isUsedUp) return LATER;
  const page = new TaskPage(input);
  let looked = 0;
  let after: TaskPlace | null = input.after;
  const end = (): OutcomeOf<"browse"> => {
    state.scans.looked(looked);
    return { kind: "page", tasks: page.shown(state, now), after };
  };
  for (const { task, place } of walkTasks(state, input, input.after, now)) {
    if (looked >= LIMITS.pageScan || page.size >= input.limit) return end();
    looked += 1;
    if (task !== null && isWanted(state, input, task, now) && !page.take(task)) return end();
    after = place;
  }
  after = null;
  return end();
};

function isWanted(state: QueueState, wanted: BrowseInput, task: SeenTask, now: number): boolean {
  if (wanted.lane !== undefined && laneOf(task.lane) !== wanted.lane) return false;
  return wanted.state === undefined || stateOf(task, state.claims.get(task.seq), now) === wanted.state;
}
