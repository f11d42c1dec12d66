// The instant that all relative times on the page are counted from: the server's, so that a reader's clock that is wrong does not
// make tasks late. It moves once a second while the page is looked at.

import { signal } from "@preact/signals";

let offsetMs = 0;
export const now = signal(Date.now());

/** @param serverNow the server's clock a moment ago, ms since 1970 */
export function setClock(serverNow: number): void {
  offsetMs = serverNow - Date.now();
  now.value = serverNow;
}

setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now() + offsetMs;
}, 1_000);
