// edgeq token: makes a token, or says what is in one.

import { readFile } from "node:fs/promises";
import { chosenKey, signToken } from "../../http/sign-token.ts";
import { parseSigningKeys, type SigningKeys } from "../../http/signing-keys.ts";
import { grantOf } from "../../api/grant.ts";
import { parseDuration } from "../duration.ts";
import { UsageError } from "../exit-status.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { rightsAsked, withTokenOptions, type TokenOptions } from "../token-options.ts";

interface Options extends TokenOptions {
  readonly keys?: string;
}

/** Ten years. */
const LONGEST_MS = 3_650 * 86_400_000;

export const tokenCommand: Subcommand = (program) =>
  withTokenOptions(
    program
      .command("token")
      .summary("make a token")
      .description("Makes a token and prints it. The keys are those of EDGEQ_KEYS, or of a file."),
  )
    .option("--keys <path>", 'file of the keys: {"<key id>": "<secret>"}; default EDGEQ_KEYS')
    .addHelpText(
      "after",
      `
Examples:
  $ EDGEQ_KEYS="$(cat .edgeq/keys.json)" edgeq token --queue 'orders*' --can enqueue claim
  $ edgeq token --keys keys.json --queue '*' --can browse --expires 12h
  $ edgeq token --queue jobs --can claim --limit ownClaims=true requestsPerSecond=50`,
    )
    .action(
      action(async (terminal, _connection, options: Options) => {
        const grant = grantOf(rightsAsked(options));
        if (grant.kind === "invalid") throw new UsageError(`a token would not hold ${grant.why}`);
        const lifetimeMs = parseDuration("--expires", options.expires);
        if (lifetimeMs < 1_000 || lifetimeMs > LONGEST_MS) {
          throw new UsageError(`--expires: given ${options.expires}, allowed: 1s to 3650d`);
        }
        const keys = await signingKeys(options.keys);
        const key = chosenKey(keys, options.keyId);
        if (key === undefined) {
          const given = JSON.stringify(options.keyId);
          throw new UsageError(`--key-id: given ${given}, allowed: ${[...keys.keys()].join(", ")}`);
        }
        const rights = { ...grant.grant, ...(options.subject === undefined ? {} : { subject: options.subject }) };
        const { token, id, expiresAt } = await signToken(rights, Math.floor(lifetimeMs / 1_000), key);
        terminal.result({ token, id, ...rights, expiresAt }, () => token);
      }),
    );

async function signingKeys(path: string | undefined): Promise<SigningKeys> {
  const text = path === undefined ? process.env["EDGEQ_KEYS"] : await textOf(path);
  if (text === undefined || text === "") throw new UsageError("no keys: set EDGEQ_KEYS, or give a file with --keys");
  const result = parseSigningKeys(text);
  if (result.kind === "malformed") throw new UsageError(`${path ?? "EDGEQ_KEYS"}: ${result.why}`);
  return result.keys;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`--keys: ${error instanceof Error ? error.message : String(error)}`);
  }
}
