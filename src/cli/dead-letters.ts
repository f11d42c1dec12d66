// Where the dead tasks of a queue are when it has none itself: a note for those who look for them where they failed.

import type { Queue } from "../client/index.ts";
import type { Terminal } from "./terminal.ts";

/** Prints a note if the queue's dead tasks go to another. @param command which shows or redrives them */
export async function noteDeadLetters(terminal: Terminal, queue: Queue, command: string): Promise<void> {
  const settings = await queue.settings().catch(() => null);
  const letters = settings?.deadLetterQueue ?? null;
  if (letters === null) return;
  terminal.note(`dead tasks of ${queue.name} go to its dead-letter queue: ${command} ${letters}`);
}
