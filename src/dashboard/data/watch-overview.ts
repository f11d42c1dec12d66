// The socket over which the directory says that the overview has changed (docs/http.md). Where none can be opened, the page asks.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LiveSource } from "./live.ts";
import { PageSocket } from "./page-socket.ts";

const isOpen = signal(false);
const changes = signal(0);
/** Also what happened before it was open is to be asked for. */
const changed = (): void => void (changes.value += 1);
let socket: PageSocket | null = null;

const OVERVIEW_WATCH: LiveSource = { isOpen, changes };

/** Open as long as the calling part is on the page. */
export function useOverviewWatch(): LiveSource {
  useEffect(() => {
    socket ??= new PageSocket("/v1/overview/socket", {
      opened: () => {
        isOpen.value = true;
        changed();
      },
      heard: changed,
      closed: () => (isOpen.value = false),
    });
    return socket.use();
  }, []);
  return OVERVIEW_WATCH;
}
