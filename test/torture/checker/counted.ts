// P8: attempts are exact, and a task is dead when its last allowed attempt has failed, never earlier or later.

import { mayBeUnheard, mayHaveEnded, placeOf, type Case, type Check, type Violation } from "./cases.ts";
import { LATE_MS, type Delivery, type Settlement } from "./lives.ts";

export const counted: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  const wrong = (place: string, text: string): void =>
    void violations.push({ promise: "P8", text: `${place}: ${text}` });
  for (const [place, deliveries] of history.places) {
    for (const [index, delivery] of deliveries.entries()) {
      checked += 1;
      const before = deliveries[index - 1];
      const { attempts, queue } = delivery;
      const most = history.lives.settings[queue]?.maxAttempts ?? Infinity;
      if (before?.version === delivery.version) wrong(place, `version ${delivery.version} was claimed twice`);
      if (attempts > most) wrong(place, `attempt ${attempts} of ${most}`);
      const whys = [before?.attempts ?? 0, ...(mayHaveBegunAgain(history, before, delivery) ? [0] : [])].map((last) =>
        whyWrong(history, before, delivery, last),
      );
      if (whys.every((why) => why !== null)) wrong(place, `${delivery.claim}: ${whys[0]}`);
    }
  }
  for (const task of history.lives.left.filter(({ state }) => state === "dead")) {
    checked += 1;
    diedAt(history, task.queue, task.id, task.attempts, wrong);
  }
  for (const delivery of history.lives.deliveries) {
    const { origin } = delivery;
    if (origin !== null) diedAt(history, origin.queue, origin.id, origin.attempts, wrong);
  }
  return { violations, checked };
};

/** What is wrong with a delivery that comes after `last` counted attempts; null: nothing. */
function whyWrong(history: Case, before: Delivery | undefined, next: Delivery, last: number): string | null {
  const { attempts, queue } = next;
  const isContinued = before !== undefined && last === before.attempts;
  const mayRepeat = isContinued && mayBeReleased(history, before);
  if (isContinued && last === history.lives.settings[queue]?.maxAttempts && !mayRepeat)
    return `was given after its last attempt, ${last}`;
  if (attempts < last + (mayRepeat ? 0 : 1)) return `attempt ${attempts} after attempt ${last}`;
  if (attempts > last + 1 && !mayBeUnheard(history, queue, before?.heardAt ?? 0, next.heardAt))
    return `attempt ${attempts} after attempt ${last}, and nobody else can have had it between`;
  return null;
}

/** Attempts begin again with a redrive of what has died, a change by the holder, or the change of a task by its id. */
function mayHaveBegunAgain(history: Case, before: Delivery | undefined, next: Delivery): boolean {
  if (before === undefined) return false;
  const { lives, settlementsOfClaim, settlementsOfPlace } = history;
  const ofClaim = settlementsOfClaim.get(before.claim) ?? [];
  if (ofClaim.some(isMade("change"))) return true;
  if ((settlementsOfPlace.get(placeOf(before)) ?? []).some(isMade("change"))) return true;
  const mayHaveDied =
    before.attempts === lives.settings[before.queue]?.maxAttempts ||
    ofClaim.some(isMade("bury")) ||
    mayBeUnheard(history, before.queue, before.heardAt, next.heardAt);
  return mayHaveDied && lives.redrives.some((at) => at > before.heardAt - LATE_MS && at <= next.heardAt);
}

function isMade(wanted: string): (settlement: Settlement) => boolean {
  return ({ how, outcome }) => how === wanted && outcome !== "refused";
}

/** Whether an attempt may have ended without being counted. */
function mayBeReleased(history: Case, delivery: Delivery | undefined): boolean {
  if (delivery === undefined) return false;
  if (delivery.releasedWith !== null && mayHaveEnded(history, delivery, Infinity)) return true;
  return (history.settlementsOfClaim.get(delivery.claim) ?? []).some(isMade("release"));
}

function diedAt(
  { places, settlementsOfClaim, lives }: Case,
  queue: string,
  id: string,
  attempts: number,
  wrong: (place: string, text: string) => void,
): void {
  const place = placeOf({ queue, id });
  const most = lives.settings[queue]?.maxAttempts ?? Infinity;
  const wasBuried = (places.get(place) ?? []).some((delivery) =>
    (settlementsOfClaim.get(delivery.claim) ?? []).some(isMade("bury")),
  );
  if (attempts > most || (attempts < most && !wasBuried)) wrong(place, `died at attempt ${attempts} of ${most}`);
}
