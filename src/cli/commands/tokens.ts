// edgeq tokens: has the server make and revoke tokens, for admins who do not hold its keys.

import { decodeJwt, errors } from "jose";
import { tokenFingerprintOf } from "../../http/token-fingerprint.ts";
import { requestJson } from "../connection.ts";
import { parseDuration } from "../duration.ts";
import { itemsOfPages, pagePath } from "../pages.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { titledTable } from "../table.ts";
import { rightsAsked, withTokenOptions, type TokenOptions } from "../token-options.ts";

interface Revoked {
  readonly id: string;
  readonly revokedAt: number;
  readonly expiresAt: number;
}

export const tokensCommand: Subcommand = (program) => {
  const tokens = program
    .command("tokens")
    .summary("have the server make and revoke tokens")
    .description("Makes and revokes tokens on the server. Needs a token that allows admin.")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq tokens make --queue 'orders*' --can enqueue --subject shop --expires 90d
  $ edgeq tokens revoke "$(cat shop.token)"
  $ edgeq tokens revoked`,
    );
  withTokenOptions(
    tokens.command("make").description("Makes a token with no more rights than yours, and prints it."),
  ).action(
    action(async (terminal, connection, options: TokenOptions) => {
      const { subject, keyId, expires } = options;
      const asked = {
        ...rightsAsked(options),
        ...(subject === undefined ? {} : { subject }),
        ...(keyId === undefined ? {} : { keyId }),
        expiresInMs: parseDuration("--expires", expires),
      };
      const made = await requestJson<{ token: string; id: string }>("/v1/tokens", connection, {
        method: "POST",
        body: asked,
      });
      terminal.note(`id ${made.id}`);
      terminal.result(made, () => made.token);
    }),
  );
  tokens
    .command("revoke")
    .description("Revokes tokens, given as they are or by their ids, within 30 seconds.")
    .argument("<token...>")
    .action(
      action(async (terminal, connection, _options: object, given: readonly string[]) => {
        const revoked: Revoked[] = [];
        for (const one of given) {
          const body = await namedBy(one);
          revoked.push(await requestJson("/v1/tokens/revoke", connection, { method: "POST", body }));
        }
        terminal.result({ tokens: revoked }, () => revoked.map(({ id }) => `revoked ${id}`).join("\n"));
      }),
    );
  tokens
    .command("revoked")
    .description("Lists the tokens that were revoked and have not expired.")
    .action(
      action(async (terminal, connection) => {
        const revoked = await itemsOfPages("tokens", Infinity, (asked) => {
          const path = pagePath("/v1/tokens/revoked", asked);
          return requestJson<{ tokens: Revoked[]; cursor: string | null }>(path, connection);
        });
        terminal.result({ tokens: revoked }, () =>
          revoked.length === 0
            ? "No tokens are revoked."
            : titledTable(
                terminal,
                ["ID", "REVOKED", "EXPIRES"],
                revoked.map(({ id, revokedAt, expiresAt }) => [id, day(revokedAt), day(expiresAt)]),
              ),
        );
      }),
    );
  return tokens;
};

/** A token is not sent: its id, or its fingerprint, and its end say all. */
async function namedBy(given: string): Promise<{ id: string; expiresAt?: number }> {
  try {
    const { jti, exp } = decodeJwt(given);
    const id = jti ?? (await tokenFingerprintOf(given));
    return { id, ...(exp === undefined ? {} : { expiresAt: exp * 1_000 }) };
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return { id: given };
    throw error;
  }
}

function day(at: number): string {
  return new Date(at).toISOString();
}
