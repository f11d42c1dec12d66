// Where a task with a key is stored: in a lane of its own inside its lane, so that each key has its order, its cursor and its
// count like any lane, and a queue without keys pays nothing.

/** No lane and no key holds it, and it sorts before all that a lane may hold: the keys of a lane follow it directly. */
export const KEY_MARK = "\u001F";
const MARK_CODE = KEY_MARK.charCodeAt(0);
/** Sorts after every key of a lane, and before every other lane. */
export const AFTER_KEYS = " ";

export function storedLane(lane: string, key: string | null | undefined): string {
  return key === null || key === undefined ? lane : `${lane}${KEY_MARK}${key}`;
}

/** The lane as people know it. */
export function laneOf(stored: string): string {
  const mark = stored.indexOf(KEY_MARK);
  return mark < 0 ? stored : stored.slice(0, mark);
}

/** Whether tasks that are stored there are in this lane, as people know it. Makes no text: it is asked of each task. */
export function isStoredIn(lane: string, stored: string): boolean {
  if (stored === lane) return true;
  return stored.charCodeAt(lane.length) === MARK_CODE && stored.startsWith(lane);
}

/** The key of the tasks that are stored there; null: they have none. */
export function taskKeyOf(stored: string): string | null {
  const mark = stored.indexOf(KEY_MARK);
  return mark < 0 ? null : stored.slice(mark + 1);
}
