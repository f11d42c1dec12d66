// Troubles of a queue, each with a link to where something can be done about it.

import type { Trouble, Where } from "../data/trouble.ts";
import { queueHref } from "./router.ts";

const PAGES: Readonly<Record<Where, string>> = {
  dead: "Dead letters",
  consumers: "Consumers",
  settings: "Settings",
  outbox: "Outbox",
  keys: "Keys",
  failures: "Tasks that failed",
};

export function troubleHref(queue: string, where: Where | null): string {
  if (where === null) return queueHref(queue);
  return where === "failures" ? queueHref(queue, "tasks", { find: "error:* -state:dead" }) : queueHref(queue, where);
}

export function TroubleLinks({ queue, troubles }: { readonly queue: string; readonly troubles: readonly Trouble[] }) {
  if (troubles.length === 0) return null;
  return (
    <ul class="troubles">
      {troubles.map(({ level, text, where }) => (
        <li key={text} class={`level-${level}`}>
          {text}
          {where === null ? null : <a href={troubleHref(queue, where)}>{PAGES[where]}</a>}
        </li>
      ))}
    </ul>
  );
}
