// Addresses: which page is open, and everything that it shows, is in the URL, so that a link says it all and going back works.

import { signal } from "@preact/signals";

interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export const place = signal<Place>(here());

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

addEventListener("popstate", () => {
  place.value = here();
});

/** @param replace true: no step to go back to, as for a filter that is being typed */
export function go(href: string, replace = false): void {
  if (href === location.pathname + location.search + location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", href);
  const before = place.value.path;
  place.value = here();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** This address with some parameters different; null takes one away. */
export function withQuery(changes: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  return place.value.path + (query.size === 0 ? "" : `?${query.toString()}`);
}

/** The address of a queue's page, or of one below it. */
export function queueHref(queue: string, below = "", query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `/queues/${encodeURIComponent(queue)}${below === "" ? "" : `/${below}`}${search === "" ? "" : `?${search}`}`;
}

export function taskHref(queue: string, id: string): string {
  return queueHref(queue, `tasks/${encodeURIComponent(id)}`);
}

/** Links of this page are followed without loading it anew; those with a modifier are the browser's. */
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.origin !== location.origin || link.target !== "" || link.hasAttribute("download")) return;
  if (link.hash !== "" && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
});
