// A name for a text that nobody can turn into the text: of tokens, in quotas, revocations and logs.

/** The first 16 hexadecimal digits of the SHA-256 of the text. */
export async function fingerprintOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
