// Large bodies are parsed one after the other, with a pause between: the event loop of a server goes on with what it has before it looks
// for others, so that eight at once would be parsed in one go. A request cannot wait for a promise of another, so each looks again.

/** Smaller ones take a few milliseconds. Characters. */
export const LARGE_LENGTH = 262_144;
const PAUSE_MS = 1;
/** After as many of all that wait the next one goes on: a pause whose request was called off has no end. */
const MOST_LOOKS = 1_000;

const line = {
  isPausing: false,
  /** Since the last one was parsed. */
  looks: 0,
};

/** Parses a large body when it is its turn. */
export async function inTurn<Value>(parse: () => Value): Promise<Value> {
  for (; line.isPausing && line.looks < MOST_LOOKS; line.looks += 1) await scheduler.wait(PAUSE_MS);
  try {
    return parse();
  } finally {
    line.looks = 0;
    line.isPausing = true;
    await scheduler.wait(PAUSE_MS);
    line.isPausing = false;
  }
}
