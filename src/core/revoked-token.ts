// A token that is no longer good, although it has not expired.

export interface RevokedToken {
  /** Rises with each revocation; also when it was made, ms since 1970, give or take those of the same instant. */
  readonly seq: number;
  /** The token's `jti`, or its fingerprint. */
  readonly id: string;
  /** When the token would have ended; past this the revocation is forgotten. ms since 1970. */
  readonly expiresAt: number;
}
