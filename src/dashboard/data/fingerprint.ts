// The fingerprint of an error, which equal errors share: their text without ids, numbers, addresses and quoted values.

const LONGEST = 160;

/** The first line of an error with its particulars replaced; "" stays "". */
export function fingerprintOf(error: string): string {
  const [line = ""] = error.trim().split("\n");
  return line
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>")
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "<address>")
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "<text>")
    .replaceAll(/\b(?:0x)?(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{6,}\b/gi, "<hex>")
    .replaceAll(/\b[A-Za-z]+[-_](?=[\w-]*\d)[\w-]+\b/g, "<id>")
    .replaceAll(/\d+(?:[.,]\d+)*/g, "<n>")
    .slice(0, LONGEST);
}
