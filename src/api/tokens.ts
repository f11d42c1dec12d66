// Endpoints about tokens: making one, revoking one, and which are revoked.

import { LIMITS } from "../core/limits.ts";
import { endpoint } from "./endpoint.ts";
import { RIGHTS, withinLanes } from "./grant.ts";
import { at, cursorField } from "./operations/answer-fields.ts";
import { anyNumberOf } from "./schema/lists.ts";
import { countUpTo, CURSOR, DEFAULT_PAGE, instant } from "./schema/names.ts";
import { defaulted, object, optional, required } from "./schema/object.ts";
import { freeText, integer, matching, text } from "./schema/scalars.ts";

const MONTH_MS = 30 * 86_400_000;

const tokenId = text(LIMITS.tokenIdLength);

export const makeToken = endpoint({
  name: "makeToken",
  about: "Makes a token, with no more rights than the one that asks for it, signed with a key of `EDGEQ_KEYS`.",
  action: "admin",
  method: "POST",
  path: "/v1/tokens",
  rest: object(
    {
      ...RIGHTS,
      subject: optional(text(LIMITS.claimantLength), "none", "Whose it is, for the log."),
      expiresInMs: defaulted(integer({ min: 1_000, max: LIMITS.tokenMs, unit: "ms" }), MONTH_MS),
      keyId: optional(text(64), "the last one", "Which key signs it."),
    },
    withinLanes,
  ),
  status: 201,
  answer: object({
    token: required(freeText()),
    id: required(freeText(), "By which it can be revoked."),
    expiresAt: required(at),
  }),
  problems: ["invalid-request"],
  repeat: "never",
  example: {
    body: { queues: ["orders*"], can: ["enqueue"], subject: "shop" },
    answer: { token: "eyJ...", id: "0b9a6f0e-5f0b-4c1e-9b57-3f1d2a6f8c11", expiresAt: 1_798_000_000_000 },
  },
});

export const revokeToken = endpoint({
  name: "revokeToken",
  about: "Revokes a token before it expires. Every isolate in use knows of it within 30 seconds.",
  action: "admin",
  method: "POST",
  path: "/v1/tokens/revoke",
  rest: object({
    id: required(
      tokenId,
      "Its `jti`, or the first 16 hexadecimal digits of the SHA-256 of its text up to the last dot.",
    ),
    expiresAt: optional(instant, "ten years from now", "When the token ends: until then the revocation is kept."),
  }),
  answer: object({ id: required(freeText()), revokedAt: required(at), expiresAt: required(at) }),
  problems: ["invalid-request"],
  example: {
    body: { id: "0b9a6f0e-5f0b-4c1e-9b57-3f1d2a6f8c11" },
    answer: {
      id: "0b9a6f0e-5f0b-4c1e-9b57-3f1d2a6f8c11",
      revokedAt: 1_795_429_196_063,
      expiresAt: 2_110_789_196_063,
    },
  },
});

export const listRevoked = endpoint({
  name: "listRevoked",
  about: "The tokens that were revoked and have not expired, in the order of their revocation.",
  action: "admin",
  method: "GET",
  path: "/v1/tokens/revoked",
  rest: object({
    limit: defaulted(countUpTo(LIMITS.pageQueues), DEFAULT_PAGE),
    cursor: optional(matching(/^\d{1,16}$/, CURSOR), "the first page"),
  }),
  answer: object({
    tokens: required(
      anyNumberOf(object({ id: required(freeText()), revokedAt: required(at), expiresAt: required(at) })),
    ),
    cursor: cursorField,
  }),
  problems: ["invalid-request"],
  example: {
    answer: {
      tokens: [
        {
          id: "0b9a6f0e-5f0b-4c1e-9b57-3f1d2a6f8c11",
          revokedAt: 1_795_429_196_063,
          expiresAt: 2_110_789_196_063,
        },
      ],
      cursor: null,
    },
  },
});
