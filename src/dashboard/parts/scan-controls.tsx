// What a search says of itself and lets one do: how much it looked at, going on from there, and selecting all that match.

import { useEffect, useRef, useState } from "preact/hooks";
import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { CallError } from "../data/call.ts";
import { PART_TASKS, scanTasks, type Scan, type ScanResult } from "../data/scan.ts";
import { useQueue } from "../data/use-queue.ts";
import { count, number } from "./words.ts";

/** What "select all that match" holds at most: each is a request when something is done to them. */
const MOST_SELECTED = 10_000;

interface ScanLineProps {
  readonly scan: Scan;
  /** Matches after which a search stops. */
  readonly page: number;
  readonly result: ScanResult;
  readonly onMore: (result: ScanResult) => void;
}

export function ScanLine({ scan, page, result, onMore }: ScanLineProps) {
  const { value } = useQueue(scan.queue);
  const [isLooking, setLooking] = useState(false);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), [scan]);
  const stats = value?.stats;
  const total =
    stats === undefined
      ? null
      : scan.state === null
        ? stats.ready + stats.delayed + stats.claimed + stats.dead
        : stats[scan.state];
  const goOn = async (): Promise<void> => {
    abort.current = new AbortController();
    setLooking(true);
    try {
      onMore(await scanTasks(scan, result.matches.length + page, result, abort.current.signal, onMore));
    } catch (error) {
      if (!(error instanceof CallError) && !abort.current.signal.aborted) throw error;
    } finally {
      setLooking(false);
    }
  };
  const of = total === null || result.cursor === null ? "" : ` of about ${number(total)}`;
  return (
    <>
      <span role="status">
        <b>{count(result.matches.length, "match", "matches")}</b>; looked at {number(result.lookedAt)}
        {of}
        {result.cursor === null ? ", which is all" : ""}.
      </span>{" "}
      {result.cursor === null ? null : isLooking ? (
        <button type="button" onClick={() => abort.current?.abort()}>
          Stop
        </button>
      ) : (
        <button type="button" onClick={() => void goOn()}>
          Go on
        </button>
      )}
    </>
  );
}

interface SelectAllProps {
  readonly scan: Scan;
  readonly onSelected: (tasks: readonly WireBrowsedTask[]) => void;
}

/** Looks through the queue for everything that matches, so that an action begins with its exact count. */
export function SelectAll({ scan, onSelected }: SelectAllProps) {
  const [lookedAt, setLookedAt] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), [scan]);
  const run = async (): Promise<void> => {
    const control = new AbortController();
    abort.current = control;
    setLookedAt(0);
    try {
      const tell = (result: ScanResult): void => setLookedAt(result.lookedAt);
      let result: ScanResult | null = null;
      do {
        result = await scanTasks(scan, MOST_SELECTED, result, control.signal, tell);
      } while (result.cursor !== null && result.matches.length < MOST_SELECTED);
      onSelected(result.matches.slice(0, MOST_SELECTED));
    } catch (error) {
      if (!(error instanceof CallError) && !control.signal.aborted) throw error;
    } finally {
      setLookedAt(null);
    }
  };
  return lookedAt === null ? (
    <button type="button" class="quiet" onClick={() => void run()} title={`Up to ${number(PART_TASKS)}`}>
      Select all that match
    </button>
  ) : (
    <button type="button" class="quiet" onClick={() => abort.current?.abort()}>
      Looked at {number(lookedAt)} – stop
    </button>
  );
}
