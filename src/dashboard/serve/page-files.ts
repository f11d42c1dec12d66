// The dashboard as a server delivers it: which paths are the page's, and what each is answered with. Used by the Worker and by
// `edgeq ui`; the files themselves are built into one module, so that every server has them without a folder of assets.

import { FILES } from "./built.ts";

export interface PageFile {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Nothing from elsewhere and nothing inline: should a payload ever reach the page as markup, it loads and runs nothing. Trusted
 * Types forbid the calls that turn text into markup in the first place.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const SAFE = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** The paths that the page itself reads: each view is an address. */
const VIEW = /^\/(?:$|queues(?:\/|$))/;

/**
 * The file at a path of the dashboard; null when the path is not the dashboard's. Views are all the same document, which is
 * revalidated at each visit; every other file has its content's hash in its name and is kept for a year.
 */
export function pageFileAt(path: string): PageFile | null {
  const isView = VIEW.test(path);
  const file = FILES[isView ? "/" : path];
  if (file === undefined) return null;
  const caching = isView ? "no-cache" : "public, max-age=31536000, immutable";
  return {
    body: file.body,
    headers: { ...SAFE, "content-type": file.type, etag: file.etag, "cache-control": caching },
  };
}
