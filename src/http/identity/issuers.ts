// The issuers of a deployment, and the verification of their tokens. A token is an issuer's if its algorithm is one of public keys
// and it names the issuer; nothing else that it says is believed before its signature has been verified.

import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from "jose";
import type { GrantResult } from "../../api/grant.ts";
import { issuedGrant } from "./issued-grant.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { PUBLIC_KEY_ALGORITHMS, type IssuerSettings } from "./issuer-settings.ts";

/** How far an issuer's clock may be off, for `exp` and `nbf`. */
export const ISSUER_LEEWAY_MS = 30_000;

export class Issuer {
  readonly #settings: IssuerSettings;
  readonly #keys: IssuerKeys;

  constructor(settings: IssuerSettings, fetcher?: typeof fetch) {
    this.#settings = settings;
    this.#keys = new IssuerKeys(settings, fetcher);
  }

  get name(): string {
    return this.#settings.issuer;
  }

  /**
   * The claims of a token that this issuer signed, for this audience, and that is good now.
   *
   * @throws {errors.JOSEError} why it is not
   * @throws {KeysUnavailable} the issuer's keys cannot be had
   */
  async verify(token: string, now: number): Promise<JWTPayload> {
    const { issuer, audience, algorithms } = this.#settings;
    const { payload } = await jwtVerify(token, (header, input) => this.#keys.find(header, input, now), {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms],
      requiredClaims: ["exp"],
      clockTolerance: ISSUER_LEEWAY_MS / 1_000,
      currentDate: new Date(now),
    });
    return payload;
  }

  grantOf(payload: JWTPayload): GrantResult {
    return issuedGrant(payload, this.#settings);
  }
}

export class Issuers {
  readonly #byName: ReadonlyMap<string, Issuer>;

  constructor(issuers: readonly Issuer[]) {
    this.#byName = new Map(issuers.map((issuer) => [issuer.name, issuer]));
  }

  /** The issuer that a token says it is of, which must then be proved; null: it is not one of theirs. Never throws. */
  issuerOf(token: string): Issuer | null {
    if (this.#byName.size === 0) return null;
    try {
      const { alg } = decodeProtectedHeader(token);
      if (!PUBLIC_KEY_ALGORITHMS.some((known) => known === alg)) return null;
      return this.#byName.get(decodeJwt(token).iss ?? "") ?? null;
    } catch {
      return null;
    }
  }
}
