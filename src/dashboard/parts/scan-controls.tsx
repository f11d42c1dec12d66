// The status of a search: how much it looked at, and a button to go on from there.

import { useEffect, useRef, useState } from "preact/hooks";
import { CallError } from "../data/call.ts";
import { scanTasks, type Scan, type ScanResult } from "../data/scan.ts";
import { useQueue } from "../data/use-queue.ts";
import { count, number } from "./words.ts";

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
