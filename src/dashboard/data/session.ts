// The session: the rights of the token in the page's cookie. The server decides each call anyway; this only spares the reader
// buttons that would be refused.

import { signal } from "@preact/signals";
import type { Action } from "../../protocol/action.ts";
import { allows } from "../../api/grant.ts";
import { setClock } from "../parts/clock.ts";
import { request, shutOut } from "./call.ts";

interface Session {
  /** Everybody may do everything: a server on one's own machine. */
  readonly open: boolean;
  readonly queues: readonly string[];
  readonly can: readonly Action[];
  /** ms since 1970; null: it never ends. */
  readonly endsAt: number | null;
  /** The server's clock, ms since 1970. */
  readonly now: number;
}

/** null: not known yet, or nobody is logged in. */
export const session = signal<Session | null>(null);

/** Asks who looks. Throws CallError; one for want of a login is also in `shutOut`. */
export async function loadSession(): Promise<void> {
  begin((await request("GET", "/session")) as Session);
}

/** Throws CallError when the token is not accepted. */
export async function logIn(token: string): Promise<void> {
  begin((await request("POST", "/session", { token })) as Session);
}

function begin(answer: Session): void {
  setClock(answer.now);
  session.value = answer;
  shutOut.value = null;
}

export async function logOut(): Promise<void> {
  await request("DELETE", "/session");
  session.value = null;
  await loadSession();
}

/** Whether the reader may do this to this queue; "" for what concerns all queues. */
export function may(action: Action, queue: string): boolean {
  const who = session.value;
  return who !== null && allows({ queues: who.queues, can: who.can }, action, queue);
}
