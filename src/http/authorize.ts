// Who may do what. Nobody may do anything until the owner has configured a secret, or said that everybody may.

import type { Action } from "../core/action.ts";
import { problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";
import type { Env } from "./route.ts";

/** Lets the request pass, or throws the error that it gets. A route without an action is open to all. */
export async function authorize(_request: Request, env: Env, action: Action | null, _queueName: string): Promise<void> {
  if (action === null || env.EDGEQ_AUTH === "open") return;
  await Promise.resolve();
  throw new HttpError(problem("auth-not-configured", "Set the secret EDGEQ_KEYS, see docs/auth.md"));
}
