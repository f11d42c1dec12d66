// `npm run token`: makes a token for the queue's HTTP API and prints it, alone, on stdout. docs/auth.md says what it is.
//
//   npm run token -- --queue 'orders*' --can enqueue,claim [--expires 30d] [--key-id k1] [--keys FILE]
//
// The keys are those of EDGEQ_KEYS in the environment, else those of FILE, default .edgeq/keys.json, which is made with a
// random key when it is not there.

import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chosenKey, signToken } from "../src/http/sign-token.ts";
import { grantOf, type Grant } from "../src/api/grant.ts";
import { parseSigningKeys, type SigningKeys } from "../src/http/signing-keys.ts";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { PROJECT_DIR } from "./worker-config.ts";

const USAGE =
  "npm run token -- --queue 'orders*' --can enqueue,claim [--expires 30d] [--key-id k1] [--keys FILE]\n" +
  "  --queue    queues, separated by commas; * stands for any characters\n" +
  "  --can      actions, separated by commas: enqueue, claim, browse, manage, admin\n" +
  "  --expires  how long it is good: a number and s, m, h or d; default 30d, at most 3650d\n" +
  "  --key-id   which key signs it; default the last one";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const LONGEST_S = 3_650 * 86_400;
/** Twice what HS256 asks for costs nothing. */
const SECRET_BYTES = 64;

await runCommand(async () => {
  const { queue = [], can = [], expires = "30d", "key-id": keyId, keys: file } = options();
  const grant = checkedGrant(queue, can);
  const lifetimeS = seconds(expires);
  const keys = await signingKeys(file === undefined ? resolve(PROJECT_DIR, ".edgeq/keys.json") : resolve(file));
  const key = chosenKey(keys, keyId);
  if (key === undefined) {
    throw new CommandError(`--key-id: given ${JSON.stringify(keyId)}, allowed: ${[...keys.keys()].join(", ")}`);
  }
  const { token } = await signToken(grant, lifetimeS, key);
  console.log(token);
  return 0;
});

function options() {
  try {
    return parseArgs({
      options: {
        queue: { type: "string", multiple: true },
        can: { type: "string", multiple: true },
        expires: { type: "string" },
        "key-id": { type: "string" },
        keys: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** Judged by the same rules as the server judges it. */
function checkedGrant(queue: readonly string[], can: readonly string[]): Grant {
  const result = grantOf({ queues: queue.join(",").split(","), can: can.join(",").split(",") });
  if (result.kind === "invalid") {
    const why = result.why.replace(/^queues/, "queue").replace(/^(\w+)\[\d+\]/, "$1");
    throw new CommandError(`--${why}\n${USAGE}`);
  }
  return result.grant;
}

function seconds(duration: string): number {
  const [, count = "", unit = ""] = /^(\d{1,9})([smhd])$/.exec(duration) ?? [];
  const lifetimeS = Number(count) * (UNITS[unit] ?? 0);
  if (lifetimeS > 0 && lifetimeS <= LONGEST_S) return lifetimeS;
  throw new CommandError(
    `--expires: given ${JSON.stringify(duration)}, allowed: such as 90s, 15m, 12h or 30d, to 3650d`,
  );
}

async function signingKeys(path: string): Promise<SigningKeys> {
  const fromEnvironment = process.env["EDGEQ_KEYS"];
  const near = relative(process.cwd(), path);
  const shown = near.startsWith("..") ? path : near;
  const [text, source] =
    fromEnvironment === undefined ? [await fileOrNew(path, shown), shown] : [fromEnvironment, "EDGEQ_KEYS"];
  const result = parseSigningKeys(text);
  if (result.kind === "malformed") throw new CommandError(`${source}: ${result.why}`);
  return result.keys;
}

async function fileOrNew(path: string, shown: string): Promise<string> {
  const text = `${JSON.stringify({ k1: randomBytes(SECRET_BYTES).toString("base64url") })}\n`;
  await mkdir(dirname(path), { recursive: true });
  try {
    // For its owner alone, and never over a file that is there.
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return readFile(path, "utf8");
    throw new CommandError(`cannot write ${shown}: ${(error as Error).message}`);
  }
  console.error(
    `edgeq: made ${shown} with a new key. Keep it secret. Tokens are good where it is known:\n` +
      `  deployed:   npx wrangler secret put EDGEQ_KEYS < ${shown}\n` +
      `  on workerd: EDGEQ_KEYS="$(cat ${shown})" npm run serve`,
  );
  return text;
}
