// POST /v1/tokens makes a token, POST /v1/tokens/revoke revokes one, GET /v1/tokens/revoked lists those that are revoked. Made tokens
// are kept nowhere: what they allow is in them.

import { beyond } from "../../api/grant.ts";
import { REVOCATIONS } from "../../api/revocations.ts";
import { listRevoked, makeToken, revokeToken } from "../../api/tokens.ts";
import { LIMITS } from "../../core/limits.ts";
import type { RevokedToken } from "../../core/revoked-token.ts";
import { thousands } from "../../core/thousands.ts";
import { directoryStub } from "../../object/queue-stub.ts";
import { problem } from "../../protocol/problem.ts";
import { HttpError, invalid } from "../http-error.ts";
import { readJson } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import { respondHeldJson } from "../respond-held.ts";
import { routeOf, type Call } from "../route.ts";
import { chosenKey, signToken, type SigningKey } from "../sign-token.ts";
import { parseSigningKeys } from "../signing-keys.ts";

export const makeTokenRoute = routeOf(makeToken, async (call) => {
  const { env, grant } = call;
  const asked = await readJson(call, (body) => makeToken.rest.parse(body, ""));
  const { expiresInMs, keyId, ...rights } = asked;
  const lacking = beyond(rights, grant);
  if (lacking !== null) {
    const detail = `${lacking}: your own token does not allow as much`;
    throw new HttpError(problem("forbidden", detail, { field: lacking }));
  }
  const made = await signToken(rights, Math.floor(expiresInMs / 1_000), keyOf(env, keyId), grant.subject);
  const response = respondJson(made, makeToken.status);
  response.headers.set("cache-control", "no-store");
  return response;
});

/** The secret itself is checked where tokens are verified. */
function keyOf({ EDGEQ_KEYS }: Call["env"], keyId: string | undefined): SigningKey {
  const result = parseSigningKeys(EDGEQ_KEYS ?? "");
  if (result.kind === "malformed")
    throw new HttpError(problem("auth-not-configured", "There is no key to sign with: set the secret EDGEQ_KEYS"));
  const key = chosenKey(result.keys, keyId);
  if (key === undefined) throw invalid({ field: "keyId", given: keyId, allowed: [...result.keys.keys()].join(", ") });
  return key;
}

export const revokeTokenRoute = routeOf(revokeToken, async (call) => {
  const { id, expiresAt } = await readJson(call, (body) => revokeToken.rest.parse(body, ""));
  const now = Date.now();
  // It would be forgotten at once, and the token be good again if it was named by mistake.
  if (expiresAt !== undefined && expiresAt <= now)
    throw invalid({ field: "expiresAt", given: expiresAt, allowed: "an instant to come" });
  const revoked = await directoryStub(call.env).revoke(id, expiresAt ?? now + LIMITS.tokenMs);
  if (revoked === null) {
    const allowed = `${thousands(LIMITS.revokedTokens)} revoked tokens at one time: take out their key instead`;
    throw invalid({ field: "id", given: id, allowed });
  }
  // At once here, and elsewhere when it is asked for.
  REVOCATIONS.add(revoked, now);
  return respondJson(shown(revoked));
});

export const listRevokedRoute = routeOf(listRevoked, async ({ url, env, ctx }) => {
  const { fields, rest } = listRevoked;
  const { limit, cursor = "0" } = readQuery(url, fields, (query) => rest.parse(query, ""));
  const tokens = await directoryStub(env).revokedSince(Number(cursor), limit);
  const last = tokens.at(-1);
  const next = last === undefined || tokens.length < limit ? null : String(last.seq);
  return respondHeldJson({ tokens: tokens.map((token) => shown(token)), cursor: next }, ctx);
});

function shown({ id, seq, expiresAt }: RevokedToken): object {
  return { id, revokedAt: seq, expiresAt };
}
