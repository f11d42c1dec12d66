// Pages through tasks without claiming them. A page looks at a bounded number of tasks, whatever is asked for and whatever
// lies between, and reads the payloads of those that it shows.

import { answerBytes } from "../../core/answer-bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { BrowseInput, OutcomeOf } from "../../core/operation.ts";
import { laneOf } from "../../core/stored-lane.ts";
import type { BrowsedTask } from "../../core/task.ts";
import { heldBackAt } from "../keys/held-back.ts";
import type { Lives } from "../../core/task-id.ts";
import type { QueueState } from "../state.ts";
import { tasksOfRun, type StoredTask } from "../tasks/find-task.ts";
import { asBrowsed, stateOf } from "../tasks/task-view.ts";
import type { SeenTask } from "../tasks/walk-step.ts";
import { walkTasks } from "../tasks/walk-tasks.ts";
import { LATER } from "../turn.ts";

export function browse(state: QueueState, input: BrowseInput, now: number): OutcomeOf<"browse"> | typeof LATER {
  const queue = state.existing();
  if (queue === null) return { kind: "queue-not-found" };
  if (state.scans.isUsedUp) return LATER;
  const chosen = new Chosen();
  let looked = 0;
  let after: BrowseInput["after"] | null = input.after;
  const end = (): OutcomeOf<"browse"> => {
    state.scans.looked(looked);
    state.scans.moved(chosen.storedBytes);
    return { kind: "page", tasks: shown(state, queue, chosen.tasks, now), after };
  };
  for (const { task, place } of walkTasks(state, input, input.after, now)) {
    if (looked >= LIMITS.pageScan || chosen.tasks.length >= input.limit) return end();
    looked += 1;
    if (task !== null && isWanted(state, input, task, now) && !chosen.take(task)) return end();
    after = place;
  }
  after = null;
  return end();
}

function isWanted(state: QueueState, wanted: BrowseInput, task: SeenTask, now: number): boolean {
  if (wanted.lane !== undefined && laneOf(task.lane) !== wanted.lane) return false;
  return wanted.state === undefined || stateOf(task, state.claims.get(task.seq), now) === wanted.state;
}

/** The tasks of a page, as many as an answer has room for. */
class Chosen {
  readonly tasks: SeenTask[] = [];
  storedBytes = 0;
  #answerBytes = 0;
  readonly #runs = new Set<number>();

  /** False: there is no room for it. The first always has room. */
  take(task: SeenTask): boolean {
    // Whatever is shown of a run is no more than all of it.
    const isCounted = task.inRun !== null && this.#runs.has(task.inRun.seq);
    const bytes = isCounted ? 0 : task.bytes;
    const answered = this.#answerBytes + answerBytes({ ...task, bytes });
    if (this.tasks.length > 0 && answered > LIMITS.answerBytes) return false;
    if (task.inRun !== null) this.#runs.add(task.inRun.seq);
    this.#answerBytes = answered;
    this.storedBytes += bytes + task.otherBytes;
    this.tasks.push(task);
    return true;
  }
}

function shown(state: QueueState, lives: Lives, tasks: readonly SeenTask[], now: number): BrowsedTask[] {
  const rows = new Set(tasks.map(({ seq, inRun }) => inRun?.seq ?? seq));
  const stored = new Map<number, StoredTask>();
  for (const row of state.tasks.bySeqs([...rows])) {
    if (row.run === null) stored.set(row.seq, { ...row, inRun: null });
    else for (const task of tasksOfRun(state, row)) stored.set(task.seq, task);
  }
  const heldBack = heldBackAt(state, now);
  return tasks.map(({ seq }) => {
    const row = stored.get(seq);
    if (row === undefined) throw new Error(`task ${seq} was come to and has no row`);
    return asBrowsed(lives, row, state.claims.get(seq), heldBack, now);
  });
}
