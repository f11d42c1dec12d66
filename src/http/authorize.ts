// Authentication and rights. Nobody may do anything until the owner has configured a secret, or has opened the server to everybody.

import { lackingFor, lackingText } from "../api/lacking.ts";
import type { Operation } from "../api/operation.ts";
import type { InputOf, OperationName } from "../core/operation.ts";
import type { Action } from "../protocol/action.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { allows, type Grant } from "../api/grant.ts";
import { REVOCATIONS } from "../api/revocations.ts";
import { learnRevocations } from "../object/queue-stub.ts";
import { EVERYBODY, type Asker } from "./asker.ts";
import { HttpError } from "./http-error.ts";
import { parseIssuers } from "./identity/issuer-settings.ts";
import { Issuer, Issuers } from "./identity/issuers.ts";
import type { Env } from "./route.ts";
import { parseSigningKeys } from "./signing-keys.ts";
import { TokenVerifier } from "./token-verifier.ts";

/** RFC 6750, 3: a request without a token is answered with the scheme, and one with a token with what is wrong with it. */
const CHALLENGE = 'Bearer realm="edgeq"';

/**
 * Authenticates a request, before anything else about it is answered, so that strangers do not learn which queues exist.
 *
 * @throws {HttpError} `auth-not-configured` unless EDGEQ_AUTH is exactly "open", or EDGEQ_KEYS holds keys or EDGEQ_ISSUERS
 *   issuers; `unauthorized` when there is no good token; `issuer-unavailable` when that cannot be checked;
 *   `rate-limited` when its requests come faster than it allows
 */
export function authenticate(
  request: Request,
  env: Env,
  tokenOf: (request: Request) => string | null,
): Promise<Asker> | Asker {
  return env.EDGEQ_AUTH === "open" ? EVERYBODY : verifiedAsker(tokenOf(request), env);
}

async function verifiedAsker(token: string | null, env: Env): Promise<Asker> {
  const verifier = verifierFor(env);
  if (verifier === null)
    throw new HttpError(problem("auth-not-configured", "Set the secret EDGEQ_KEYS, see docs/auth.md"));
  if (token === null) {
    const detail = "Send a token: Authorization: Bearer <token>";
    throw new HttpError(problem("unauthorized", detail), { "www-authenticate": CHALLENGE });
  }
  const now = Date.now();
  const verified = await verifier.verify(token, now);
  if (verified.kind === "granted") {
    await refuseRevoked(verified.grant, env, now);
    refuseTooSoon(verified.quota.request());
    return verified;
  }
  if (verified.kind === "unavailable") {
    const detail = `The token cannot be verified: ${verified.why}`;
    throw new HttpError(problem("issuer-unavailable", detail), { "retry-after": "5" });
  }
  throw notAccepted(verified.why);
}

/** Asked of good tokens only, so that strangers cause no call to the directory. */
async function refuseRevoked(grant: Grant, env: Env, now: number): Promise<void> {
  await learnRevocations(env, now);
  if (REVOCATIONS.covers(grant)) throw notAccepted("revoked");
}

function notAccepted(why: string): HttpError {
  const headers = { "www-authenticate": `${CHALLENGE}, error="invalid_token"` };
  return new HttpError(problem("unauthorized", `The token is not accepted: ${why}`), headers);
}

function refuseTooSoon(tooSoon: Problem | null): void {
  if (tooSoon !== null) throw new HttpError(tooSoon);
}

/**
 * Whether who asks may do this.
 *
 * @param queueName "" for what concerns all queues
 * @throws {HttpError} `forbidden`, naming the action and the queue
 */
export function authorize(grant: Grant, action: Action, queueName: string): void {
  if (allows(grant, action, queueName)) return;
  const detail = `The token does not allow ${action} on ${queueName === "" ? "all queues" : `queue ${queueName}`}`;
  const members = { action, queue: queueName === "" ? null : queueName };
  throw new HttpError(problem("forbidden", detail, members), {
    "www-authenticate": `${CHALLENGE}, error="insufficient_scope"`,
  });
}

/**
 * What its input asks for beyond the operation's own action: see api/lacking.ts; and whether its tasks come too fast.
 *
 * @throws {HttpError} `forbidden`, naming the action, the queue and the lane; `rate-limited`
 */
export function authorizeInput<Name extends OperationName>(
  { grant, quota }: Asker,
  operation: Operation<Name>,
  input: InputOf<Name>,
  queueName: string,
): void {
  const lacking = lackingFor(grant, operation, input, queueName);
  if (lacking === null) return refuseTooSoon(quota?.tasks(operation.name, input) ?? null);
  throw new HttpError(problem("forbidden", `The token does not allow ${lackingText(lacking)}`, { ...lacking }), {
    "www-authenticate": `${CHALLENGE}, error="insufficient_scope"`,
  });
}

type Settings = Pick<Env, "EDGEQ_KEYS" | "EDGEQ_ISSUERS">;

/** The settings of an isolate never change, so one verifier is enough; what it was made from stands beside it. */
let current: { readonly made: Settings; readonly verifier: TokenVerifier | null } | null = null;

/** null: there is nothing to verify with. */
function verifierFor({ EDGEQ_KEYS = null, EDGEQ_ISSUERS = null }: Settings): TokenVerifier | null {
  if (current === null || current.made.EDGEQ_KEYS !== EDGEQ_KEYS || current.made.EDGEQ_ISSUERS !== EDGEQ_ISSUERS)
    current = { made: { EDGEQ_KEYS, EDGEQ_ISSUERS }, verifier: madeFrom(EDGEQ_KEYS, EDGEQ_ISSUERS) };
  return current.verifier;
}

/** Settings half of which are malformed let nobody in: what was meant is not known. */
function madeFrom(keys: Settings["EDGEQ_KEYS"], issuers: unknown): TokenVerifier | null {
  const hasKeys = typeof keys === "string" && keys !== "";
  const hasIssuers = issuers !== null && issuers !== "";
  if (!hasKeys && !hasIssuers) return null;
  const signing = hasKeys ? parseSigningKeys(keys) : { kind: "keys" as const, keys: new Map<string, Uint8Array>() };
  if (signing.kind === "malformed") return refusing("EDGEQ_KEYS", signing.why);
  const issuing = hasIssuers ? parseIssuers(issuers) : { kind: "issuers" as const, issuers: [] };
  if (issuing.kind === "malformed") return refusing("EDGEQ_ISSUERS", issuing.why);
  return new TokenVerifier(signing.keys, new Issuers(issuing.issuers.map((one) => new Issuer(one))));
}

/** For the owner, in the logs, once: strangers learn only that nothing is configured. */
function refusing(name: string, why: string): null {
  console.error(`edgeq: ${name} is malformed, so nobody is let in: ${why}`);
  return null;
}
