// The keys of the page, in one table: what they do, and the sheet that `?` shows.

import { effect } from "@preact/signals";
import { isPaused } from "../data/live.ts";
import { isDialogOpen, showDialog } from "./dialog.tsx";
import { go, place, queueHref } from "./router.ts";

const SHEET: readonly (readonly [keys: string, meaning: string])[] = [
  ["/", "Search"],
  ["j  k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["x", "Select the row"],
  ["g o", "Overview"],
  ["g q", "The queue"],
  ["g t", "Its tasks"],
  ["g k", "Its keys"],
  ["g d", "Its dead letters"],
  ["g c", "Its consumers"],
  ["g b", "Its outbox"],
  ["g s", "Its settings"],
  ["n", "Enqueue a task"],
  ["r", "Refresh"],
  ["p", "Pause and resume live figures"],
  ["Esc", "Close, or leave the search"],
  ["?", "This sheet"],
];

const BELOW: Readonly<Record<string, string>> = {
  q: "",
  t: "tasks",
  k: "keys",
  d: "dead",
  c: "consumers",
  b: "outbox",
  s: "settings",
};

/** A `g` waits for its letter until the next key. */
let isGoing = false;

/** The page whose list is refreshed by `r`. */
let refresh: () => void = () => {};
export function onRefreshKey(run: () => void): void {
  refresh = run;
}

export function listenForKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || isDialogOpen()) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (isGoing) {
      isGoing = false;
      goTo(event.key);
      return;
    }
    if (press(event.key)) event.preventDefault();
  });
  // Another page begins without a row under the cursor.
  effect(() => {
    if (place.value.path !== "") isGoing = false;
  });
}

function press(key: string): boolean {
  switch (key) {
    case "?":
      showDialog(<Sheet />);
      return true;
    case "/":
      document.querySelector<HTMLInputElement>("#search")?.focus();
      return true;
    case "g":
      isGoing = true;
      return true;
    case "j":
      moveRow(1);
      return true;
    case "k":
      moveRow(-1);
      return true;
    case "x":
      currentRow()?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
      return true;
    case "p":
      isPaused.value = !isPaused.value;
      return true;
    case "r":
      refresh();
      return true;
    case "n": {
      const queue = currentQueue();
      if (queue !== null) go(queueHref(queue, "enqueue"));
      return true;
    }
    default:
      return false;
  }
}

function goTo(letter: string): void {
  if (letter === "o") {
    go("/");
    return;
  }
  const below = BELOW[letter];
  const queue = currentQueue();
  if (below !== undefined && queue !== null) go(queueHref(queue, below));
}

function currentQueue(): string | null {
  const name = /^\/queues\/([^/]+)/.exec(place.value.path)?.[1];
  return name === undefined ? null : decodeURIComponent(name);
}

/** Rows are marked by their main link, which takes the focus: Enter then opens it, and screen readers say it. */
function moveRow(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a.row-link")];
  const row = currentRow();
  const at = row === null ? -1 : links.findIndex((link) => row.contains(link));
  const next = at === -1 ? (by === 1 ? 0 : links.length - 1) : at + by;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
}

function currentRow(): Element | null {
  return document.activeElement?.closest("tr") ?? null;
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "radio";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function Sheet() {
  return (
    <form method="dialog" class="question">
      <h2 id="dialog-title">Keys</h2>
      <dl class="keys">
        {SHEET.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(/ +/).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <button class="main">Close</button>
      </div>
    </form>
  );
}
