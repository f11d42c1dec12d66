// A name for a text that nobody can turn into the text: of tokens, in quotas, revocations and logs.

/** The first 16 hexadecimal digits of the SHA-256 of the text. */
export async function fingerprintOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Of a token: of what is signed. Anybody who has a token signed with ECDSA can write its signature in another way that is as valid, and would
 * have a token that nobody has revoked.
 */
export function tokenFingerprintOf(token: string): Promise<string> {
  return fingerprintOf(token.slice(0, token.lastIndexOf(".")));
}
