// Tells requests of the dashboard from those that another site's page makes the same browser send. A cookie goes along with
// both, so a request that relies on one must prove where it comes from. Knows nothing of tokens.

/** A header that a page of another origin can set only after a preflight, which the server never allows for it. */
export const PAGE_HEADER = "x-edgeq-page";

/**
 * Whether a request comes from the page that this same server delivered.
 *
 * It must carry the page's own header. Beside that, what browsers add by themselves must agree: `Origin` names this host, and
 * `Sec-Fetch-Site`, which is sent to https and to loopback addresses only, says "same-origin". Schemes are not compared: a
 * proxy that ends TLS speaks plain HTTP to the server.
 *
 * @param headers of the request. Never throws
 */
export function isFromOwnPage(headers: { get(name: string): string | null }): boolean {
  if (headers.get(PAGE_HEADER) === null || isOfOtherSite(headers)) return false;
  const origin = headers.get("origin");
  return origin === null || isOwnOrigin(origin, headers);
}

/**
 * The same for what opens a WebSocket, to which a page can add no header. A browser always says which page's origin opens it, and
 * no page can say another's.
 *
 * @param headers of the request. Never throws
 */
export function isSocketOfOwnPage(headers: { get(name: string): string | null }): boolean {
  const origin = headers.get("origin");
  return origin !== null && isOwnOrigin(origin, headers) && !isOfOtherSite(headers);
}

function isOfOtherSite(headers: { get(name: string): string | null }): boolean {
  const site = headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin";
}

/** Whether an origin is the host that was asked, whatever its scheme. */
export function isOwnOrigin(origin: string, headers: { get(name: string): string | null }): boolean {
  return hostOf(origin) === headers.get("host");
}

/** null: it has none, as "null", the origin of sandboxed pages. */
function hostOf(origin: string): string | null {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1] ?? null;
}
