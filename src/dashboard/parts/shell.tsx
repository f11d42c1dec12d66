// The frame around every page: where one is, the search, what is live, and who looks.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { goneSince } from "../data/call.ts";
import { isIdle, isPaused } from "../data/live.ts";
import { logOut, session } from "../data/session.ts";
import { now } from "./clock.ts";
import { NoticeLine, say } from "./notice.tsx";
import { DialogPlace } from "./dialog.tsx";
import { place, queueHref } from "./router.ts";
import { SearchBox } from "./search-box.tsx";
import { changeTheme, theme } from "./theme.ts";
import { clock, span } from "./words.ts";

interface ShellProps {
  readonly title: string;
  readonly queue?: string;
  readonly children: ComponentChildren;
}

export function Shell({ title, queue, children }: ShellProps) {
  useEffect(() => {
    document.title = `${title} · edgeq`;
  }, [title]);
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <nav aria-label="Where you are">
          <a href="/" class="brand">
            edgeq
          </a>
          {queue === undefined ? null : (
            <a href={queueHref(queue)} class="where">
              {queue}
            </a>
          )}
        </nav>
        <SearchBox {...(queue === undefined ? {} : { queue })} />
        <div class="tools">
          <LiveButton />
          <button type="button" class="quiet" onClick={changeTheme} aria-label={`Theme: ${theme.value}. Change it`}>
            {theme.value === "light" ? "☀" : theme.value === "dark" ? "☾" : "◐"}
          </button>
          <Reader />
        </div>
      </header>
      {queue === undefined ? null : <QueueTabs queue={queue} />}
      <GoneBanner />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <DialogPlace />
      <NoticeLine />
    </>
  );
}

function LiveButton() {
  const isGone = goneSince.value !== null;
  return (
    <button
      type="button"
      class={isPaused.value || isGone ? "quiet live paused" : "quiet live"}
      aria-pressed={isPaused.value}
      title={isIdle.value ? "Nobody has touched this page for a while, so it asks every few minutes" : "p"}
      onClick={() => (isPaused.value = !isPaused.value)}
    >
      {isPaused.value ? "Paused" : isGone ? "Offline" : isIdle.value ? "Slow" : "Live"}
    </button>
  );
}

function Reader() {
  const who = session.value;
  if (who === null || who.open) return null;
  const ends = who.endsAt === null ? "" : `, ends in ${span(who.endsAt - now.value)}`;
  return (
    <button type="button" class="quiet" title={`May ${who.can.join(", ")}${ends}`} onClick={() => void leave()}>
      Log out
    </button>
  );
}

/** Ends with the answer that a login is needed, which shows the login page. */
async function leave(): Promise<void> {
  await logOut().catch(() => say("You are logged out."));
}

const TABS = [
  ["", "Overview"],
  ["tasks", "Tasks"],
  ["keys", "Keys"],
  ["dead", "Dead letters"],
  ["consumers", "Consumers"],
  ["outbox", "Outbox"],
  ["settings", "Settings"],
] as const;

function QueueTabs({ queue }: { readonly queue: string }) {
  const { path } = place.value;
  return (
    <nav class="tabs" aria-label="This queue">
      {TABS.map(([below, name]) => {
        const href = queueHref(queue, below);
        const isHere = below === "" ? path === href : path.startsWith(href);
        return (
          <a key={below} href={href} aria-current={isHere ? "page" : undefined}>
            {name}
          </a>
        );
      })}
    </nav>
  );
}

function GoneBanner() {
  const since = goneSince.value;
  if (since === null) return null;
  return (
    <p class="banner" role="alert">
      The server has not answered since {clock(since, now.value)}. What you see is from before; this page keeps trying.
    </p>
  );
}
