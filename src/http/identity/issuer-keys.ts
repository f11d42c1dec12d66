// The public keys of one issuer: inline, or fetched and kept. A key that is not known is looked for once and not again for a while,
// so that made-up tokens cause no traffic. Without keys nobody is let in.

import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JWK,
  type JWSHeaderParameters,
} from "jose";
import { parsed } from "../../api/invalid.ts";
import { parseJson } from "../../api/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { publishedKeys, type IssuerSettings, type KeySet } from "./issuer-settings.ts";

type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

interface Fetched {
  readonly find: FindKey;
  readonly at: number;
}

/** The keys are unavailable just now, which says nothing about the token. */
export class KeysUnavailable extends Error {}

/** Past this the keys are fetched anew. ms. */
const FRESH_MS = 600_000;
/** Past this they are no longer good, if they could not be fetched meanwhile. ms. */
const GOOD_MS = 3_600_000;
/** Between two rounds of fetching. ms. */
const COOL_MS = 30_000;
/** The same after a failure. ms. */
const RETRY_MS = 5_000;
const FETCH_LIMIT_MS = 5_000;
/** Requests of one round that fetch for themselves: none may wait for the I/O of another. */
const MOST_FETCHES = 16;

export class IssuerKeys {
  readonly #url: string | null;
  readonly #fetch: typeof fetch;
  #keys: Fetched | null = null;
  #fetching = 0;
  #nextFetchAt = Number.NEGATIVE_INFINITY;

  constructor({ jwksUrl, jwks }: IssuerSettings, fetcher: typeof fetch = (...args) => fetch(...args)) {
    this.#url = jwksUrl ?? null;
    this.#fetch = fetcher;
    if (jwks !== undefined) this.#keys = { find: finderOf(jwks), at: Number.POSITIVE_INFINITY };
  }

  /**
   * The key that a token's header names.
   *
   * @throws {errors.JWKSNoMatchingKey} the issuer has none such
   * @throws {KeysUnavailable} they cannot be fetched, and those at hand are too old or none
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput, now: number): Promise<CryptoKey> {
    if (this.#ageAt(now) >= FRESH_MS) await this.#refresh(now);
    const { find } = this.#goodAt(now);
    try {
      return await find(header, token);
    } catch (error) {
      // The issuer may have a new one.
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.#refresh(now))) throw error;
      return this.#goodAt(now).find(header, token);
    }
  }

  #goodAt(now: number): Fetched {
    if (this.#keys === null || this.#ageAt(now) >= GOOD_MS) throw new KeysUnavailable();
    return this.#keys;
  }

  /** A clock that was set back makes them old: they are fetched, which does no harm. Inline keys are always new. */
  #ageAt(now: number): number {
    if (this.#keys === null) return Number.POSITIVE_INFINITY;
    return this.#url === null ? 0 : Math.abs(now - this.#keys.at);
  }

  /** @returns whether the keys are new */
  async #refresh(now: number): Promise<boolean> {
    if (this.#url === null || !this.#mayFetch(now)) return false;
    this.#fetching += 1;
    try {
      this.#keys = { find: finderOf(await this.#fetched(this.#url)), at: now };
      return true;
    } catch (error) {
      this.#nextFetchAt = now + RETRY_MS;
      console.error(`edgeq: the keys of ${this.#url} cannot be had:`, error);
      return false;
    } finally {
      this.#fetching -= 1;
    }
  }

  #mayFetch(now: number): boolean {
    // Requests that would otherwise be refused wait for the round under way.
    if (this.#fetching > 0) return this.#fetching < MOST_FETCHES;
    if (now < this.#nextFetchAt && this.#nextFetchAt - now <= COOL_MS) return false;
    this.#nextFetchAt = now + COOL_MS;
    return true;
  }

  async #fetched(url: string): Promise<KeySet> {
    const response = await this.#fetch(url, {
      headers: { accept: "application/json" },
      // To follow one would be to trust an address that nobody has configured.
      redirect: "manual",
      signal: AbortSignal.timeout(FETCH_LIMIT_MS),
    });
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    return keysIn(await textUpTo(LIMITS.issuerKeysBytes, response));
  }
}

function keysIn(text: string): KeySet {
  const result = parsed(() => publishedKeys.parse(parseJson(text), ""));
  if (result.kind === "parsed") return result.value;
  throw new Error(`${result.field}: allowed: ${result.allowed}`);
}

/** jose finds the one that fits the header's algorithm and id, and takes none that is too small. */
function finderOf({ keys }: KeySet): FindKey {
  return createLocalJWKSet({ keys: keys as JWK[] });
}

async function textUpTo(limit: number, { body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > limit) throw new Error(`more than ${limit} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
