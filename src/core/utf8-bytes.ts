// How large a text is on the wire and on disk.

/** Bytes of the text in UTF-8; its length, which is less, when it is within `limit` whatever its characters are. */
export function utf8Bytes(text: string, limit = 0): number {
  if (text.length * 3 <= limit) return text.length;
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // Each half of a surrogate pair counts two.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}
