// An issuer of tokens for tests: key pairs, tokens as it signs them, and its list of keys on a loopback address.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";

export interface IssuerKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function issuerKey(alg: string, kid: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

/** @param claims beside them only what a token must have: `iat` and `exp`, an hour from `nowS` */
export function issued(
  key: IssuerKey,
  claims: Readonly<Record<string, unknown>>,
  nowS = Math.floor(Date.now() / 1_000),
): Promise<string> {
  return new SignJWT({ iat: nowS, exp: nowS + 3_600, ...claims })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "JWT" })
    .sign(key.privateKey);
}

/** What the list of keys is answered with, and how often it was asked for. */
export class KeyServer {
  asked = 0;
  keys: readonly JWK[] = [];
  answer: { readonly status: number; readonly body: string; readonly location?: string } | null = null;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((_request, response) => {
      this.asked += 1;
      const { status, body, location } = this.answer ?? { status: 200, body: JSON.stringify({ keys: this.keys }) };
      response.writeHead(status, location === undefined ? {} : { location }).end(body);
    });
  }

  static async start(): Promise<KeyServer> {
    const keys = new KeyServer();
    await new Promise<void>((listening) => keys.#server.listen(0, "127.0.0.1", listening));
    return keys;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/cdn-cgi/access/certs`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
