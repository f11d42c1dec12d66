// The public name of a task that its producer did not name: the queue's tag and the task's key.

const TAG_LENGTH = 5;
const KEY_LENGTH = 11;
/**
 * A tag: five characters for one life of a queue's database, and two more where a queue is made of several objects, for which
 * of them. None has the two so far; what reads tags takes them, so that both lengths may meet. See docs/decisions/0010.
 */
const TAG_FORM = "[0-9a-z]{5}(?:[0-9a-z]{2})?";
const FORM = new RegExp(`^(${TAG_FORM})-([0-9a-z]{${KEY_LENGTH}})$`);

/** A life that a queue's database had before it was imported or put back: the keys up to `upTo` were given out in it. */
export interface FormerLife {
  readonly tag: string;
  readonly upTo: number;
}

const TAG = new RegExp(`^${TAG_FORM}$`);
/** Tags come with every token, and most are those of one queue: the last one is not looked at again. */
let lastTag: string | null = null;

export function isTag(text: string): boolean {
  if (text === lastTag) return true;
  if (!TAG.test(text)) return false;
  lastTag = text;
  return true;
}

/** Whether what was read is one. */
export function isFormerLife(given: unknown): given is FormerLife {
  const { tag, upTo } = Object(given) as Partial<Record<keyof FormerLife, unknown>>;
  return typeof tag === "string" && isTag(tag) && Number.isSafeInteger(upTo);
}

/** Whose ids a queue knows as its own: those of this life and of the ones before, in their order. */
export interface Lives {
  readonly tag: string;
  readonly former: readonly FormerLife[];
}

/** Whether a tag names this life of a queue's database or an earlier one. */
export function isOfLives({ tag, former }: Lives, given: string): boolean {
  return given === tag || former.some((life) => life.tag === given);
}

/** A tag distinguishes the ids and claim tokens of one queue from another's. `random` gives numbers in [0, 1). */
export function newTag(random: () => number): string {
  let tag = "";
  while (tag.length < TAG_LENGTH) tag += Math.floor(random() * 36).toString(36);
  return tag;
}

/** Sorts as text in the order of arrival, within one life. A task keeps the id of the life that it came in. */
export function taskIdOf(lives: Lives, key: number): string {
  return `${tagOf(lives, key)}-${keyText(key)}`;
}

function tagOf({ tag, former }: Lives, key: number): string {
  for (const life of former) if (key <= life.upTo) return life.tag;
  return tag;
}

/** So many keys share all digits but the last two. */
const SHARED_HEAD = 36 ** 2;
const LAST_DIGITS = Array.from({ length: SHARED_HEAD }, (_, rest) => rest.toString(36).padStart(2, "0"));
/** The first key of those that begin as the last one did. */
let headFrom = 0;
let headText = "0".repeat(KEY_LENGTH - 2);

/**
 * A key in base 36, as long as all. Writing a number beyond 32 bits in another base takes a microsecond, and successive keys
 * begin alike: what was written last is kept. So is where it begins, since the remainder of such a number is slow, too.
 */
export function keyText(key: number): string {
  if (key < headFrom || key >= headFrom + SHARED_HEAD) {
    const head = Math.floor(key / SHARED_HEAD);
    headFrom = head * SHARED_HEAD;
    headText = head.toString(36).padStart(KEY_LENGTH - 2, "0");
  }
  return headText + (LAST_DIGITS[key - headFrom] ?? "");
}

/** Whether a queue may have made it. */
export function isTaskId(text: string): boolean {
  return FORM.test(text);
}

/** The key in an id that this queue made, or null for any other id. */
export function keyOfTaskId(lives: Lives, id: string): number | null {
  const match = FORM.exec(id);
  if (match === null) return null;
  const key = Number.parseInt(match[2] ?? "", 36);
  return Number.isSafeInteger(key) && tagOf(lives, key) === match[1] ? key : null;
}
