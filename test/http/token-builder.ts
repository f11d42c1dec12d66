// Tokens for tests, good ones and bad ones.

import { SignJWT } from "jose";

export const SECRETS = {
  k1: "the first secret, of 32 bytes or more",
  k2: "the second secret, of 32 bytes or more",
} as const;

/** What a deployment would have as its secret EDGEQ_KEYS. */
export const KEYS = JSON.stringify(SECRETS);

export interface TokenParts {
  /** Default: everything on all queues. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Default: HS256 with key k1. */
  readonly header?: { readonly alg: string; readonly kid?: string };
  readonly secret?: string;
  /** Seconds since 1970; null: the claim is absent. Default: an hour from now. */
  readonly exp?: number | null;
}

export async function tokenOf(parts: TokenParts = {}): Promise<string> {
  const { claims = {}, header = { alg: "HS256", kid: "k1" }, secret = SECRETS.k1 } = parts;
  const { exp = Math.floor(Date.now() / 1_000) + 3_600 } = parts;
  const jwt = new SignJWT({
    queues: ["*"],
    can: ["enqueue", "claim", "browse", "manage", "admin"],
    ...(exp === null ? {} : { exp }),
    ...claims,
  });
  return jwt.setProtectedHeader(header).sign(new TextEncoder().encode(secret));
}

/** A token whose header says what no honest signer would, its signature an empty string. */
export function unsignedToken(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
): string {
  return `${base64Url(header)}.${base64Url(claims)}.`;
}

/** Another header before the payload and signature of a good token. */
export function withHeader(token: string, header: Readonly<Record<string, unknown>>): string {
  const [, payload = "", signature = ""] = token.split(".");
  return `${base64Url(header)}.${payload}.${signature}`;
}

function base64Url(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
}
