// The judgement of a run: from what the consumers wrote down and hashes taken directly, whether every file has exactly one
// committed result, and the right one. Pure, so that tests can show that it fails when it should.

import type { JournalLine, ResultLine } from "./journal.ts";

export interface Verdict {
  /** Files with exactly one committed result, and the right one. */
  readonly committed: number;
  /** Ids of files without a committed result. */
  readonly lost: readonly string[];
  /** Ids of files of which more than one ack succeeded. */
  readonly twice: readonly string[];
  /** Ids of files whose committed result is not the hash taken directly. */
  readonly wrong: readonly string[];
  /** Files that were hashed in a second or later attempt: their first consumer was killed, or too slow. */
  readonly redelivered: number;
  /** Results committed by an ack whose answer the kill cut off. */
  readonly unanswered: number;
}

/**
 * @param expected task id -> hash taken directly
 * @param done ids that the queue itself says it has done with; asked when it holds no task any more
 * @param journals one for each consumer
 */
export function check(
  expected: ReadonlyMap<string, string>,
  done: ReadonlySet<string>,
  journals: readonly (readonly JournalLine[])[],
): Verdict {
  const lines = journals.flat();
  const answers = new Map(lines.flatMap((line) => (line.kind === "ack" ? [[line.claim, line.ok] as const] : [])));
  const results = Map.groupBy(
    lines.filter((line): line is ResultLine => line.kind === "result"),
    (line) => line.id,
  );
  const verdict = { committed: 0, lost: [], twice: [], wrong: [], redelivered: 0, unanswered: 0 } as {
    -readonly [Name in keyof Verdict]: Verdict[Name] extends number ? number : string[];
  };
  for (const [id, sha256] of expected) {
    const ofFile = results.get(id) ?? [];
    if (ofFile.some((result) => result.attempts > 1)) verdict.redelivered += 1;
    const acked = ofFile.filter((result) => answers.get(result.claim) === true);
    const unanswered = ofFile.filter((result) => !answers.has(result.claim));
    // The queue has done with the task. If no ack that was answered did it, one that was not answered must have.
    const candidates = acked.length > 0 ? acked : unanswered;
    if (acked.length > 1) verdict.twice.push(id);
    else if (candidates.length === 0 || !done.has(id)) verdict.lost.push(id);
    else if (candidates.some((result) => result.sha256 !== sha256)) verdict.wrong.push(id);
    else {
      verdict.committed += 1;
      if (acked.length === 0) verdict.unanswered += 1;
    }
  }
  return verdict;
}
