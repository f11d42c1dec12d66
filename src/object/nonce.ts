// Numbers that nobody can guess: names of sockets, and what fences claims.

/** Drawn together: asking the platform takes longer than all the rest of a claim's token, so it is asked once for so many. */
const DRAWN = 64;
const NONCE_BYTES = 8;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const bytes = new Uint8Array(DRAWN * NONCE_BYTES);
let used = bytes.length;

/** 64 random bits as 16 hexadecimal digits; never the same ones again. */
export function nonce(): string {
  if (used === bytes.length) {
    crypto.getRandomValues(bytes);
    used = 0;
  }
  let text = "";
  for (const end = used + NONCE_BYTES; used < end; used += 1) text += HEX[bytes[used] ?? 0] ?? "";
  return text;
}
