// The queue that is looked at, kept fresh: every page about a queue shows the same answer.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import { useLive, type Live } from "./live.ts";
import { loadQueue } from "./queues.ts";
import { useWatch } from "./watch.ts";

const EVERY_MS = 2_000;

/** Told by a socket where one can be had, and asked for otherwise. */
export function useQueue(name: string): Live<WireQueue> {
  const watch = useWatch(name);
  const load = async (abort: AbortSignal): Promise<WireQueue> => watch.latest() ?? (await loadQueue(name, abort));
  const live = useLive(`queue ${name}`, load, EVERY_MS);
  return {
    ...live,
    refresh: () => {
      watch.forget();
      live.refresh();
    },
  };
}
