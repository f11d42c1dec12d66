// The command that makes tokens: what it prints is a token that the server's own rules accept.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeProtectedHeader, decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { parseSigningKeys } from "../../src/http/signing-keys.ts";
import { TokenVerifier, type Verified } from "../../src/http/token-verifier.ts";
import { KEYS } from "../http/token-builder.ts";
import { finishScript, temporaryFolder, type FinishedScript } from "./run-script.ts";

const WHAT = ["--queue", "orders*", "--can", "enqueue,claim"];

function make(args: readonly string[], env: Readonly<Record<string, string>> = { EDGEQ_KEYS: KEYS }) {
  return finishScript("token.ts", args, env);
}

function tokenIn({ stdout }: FinishedScript): string {
  expect(stdout).toMatch(/^\S+\n$/);
  return stdout.trim();
}

async function verify(token: string, keys: string): Promise<Verified> {
  const result = parseSigningKeys(keys);
  if (result.kind === "malformed") throw new Error(result.why);
  return new TokenVerifier(result.keys).verify(token, Date.now());
}

test("it prints a token for these queues and actions, and nothing else", async () => {
  const finished = await make(WHAT);
  expect(finished).toMatchObject({ code: 0, stderr: "" });
  expect(await verify(tokenIn(finished), KEYS)).toMatchObject({
    kind: "granted",
    grant: {
      queues: ["orders*"],
      can: ["enqueue", "claim"],
      endsAt: expect.any(Number),
      owner: expect.any(String),
      tokenIds: [expect.any(String), expect.any(String), expect.any(String)] as string[],
    },
  });
});

test("queues and actions may be given one by one", async () => {
  const token = tokenIn(await make(["--queue", "a", "--queue", "b,c", "--can", "claim", "--can", "browse"]));
  expect(decodeJwt(token)).toMatchObject({ queues: ["a", "b", "c"], can: ["claim", "browse"] });
});

test.each([
  [[], 30 * 86_400],
  [["--expires", "90s"], 90],
  [["--expires", "15m"], 900],
  [["--expires", "12h"], 43_200],
  [["--expires", "3650d"], 3_650 * 86_400],
])("with %j it is good for %i s", async (args, lifetimeS) => {
  const { iat = 0, exp = 0 } = decodeJwt(tokenIn(await make([...WHAT, ...args])));
  expect(exp - iat).toBe(lifetimeS);
  expect(Math.abs(iat - Date.now() / 1_000)).toBeLessThan(60);
});

test.each([
  [[], "k2"],
  [["--key-id", "k1"], "k1"],
])("with %j it is signed with %s", async (args, kid) => {
  const token = tokenIn(await make([...WHAT, ...args]));
  expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", kid });
  expect((await verify(token, KEYS)).kind).toBe("granted");
});

describe("the file of keys", () => {
  test("is made at first use, for its owner alone, and used from then on", async () => {
    const path = join(temporaryFolder(), "new/keys.json");
    const first = await make([...WHAT, "--keys", path], {});
    expect(first.stderr).toContain(`wrangler secret put EDGEQ_KEYS < ${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const keys = readFileSync(path, "utf8");

    const second = await make([...WHAT, "--keys", path], {});
    expect(second.stderr).toBe("");
    expect(readFileSync(path, "utf8")).toBe(keys);
    for (const finished of [first, second]) expect((await verify(tokenIn(finished), keys)).kind).toBe("granted");
    expect(first.stderr + second.stderr).not.toContain(Object.values(JSON.parse(keys) as object)[0]);
  });

  test("is not used, nor made, when the environment has keys", async () => {
    const path = join(temporaryFolder(), "keys.json");
    expect((await verify(tokenIn(await make([...WHAT, "--keys", path])), KEYS)).kind).toBe("granted");
    expect(() => statSync(path)).toThrow("ENOENT");
  });
});

describe("mistakes end with status 1 and say what is allowed", () => {
  test.each([
    ["no queue", ["--can", "claim"], "--queue: given"],
    ["a name that no queue can have", ["--queue", "a/b", "--can", "claim"], '--queue: given "a/b"'],
    ["no action", ["--queue", "a"], "--can: given"],
    ["an unknown action", ["--queue", "a", "--can", "read"], "enqueue, claim, browse, manage, admin"],
    ["a duration without a unit", [...WHAT, "--expires", "30"], '--expires: given "30"'],
    ["no time at all", [...WHAT, "--expires", "0d"], '--expires: given "0d"'],
    ["a time beyond ten years", [...WHAT, "--expires", "3651d"], '--expires: given "3651d"'],
    ["an unknown key", [...WHAT, "--key-id", "k9"], '--key-id: given "k9", allowed: k1, k2'],
    ["an unknown option", [...WHAT, "--forever"], "--forever"],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await make(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });

  test("keys that are malformed, without telling them", async () => {
    const path = join(temporaryFolder(), "keys.json");
    writeFileSync(path, '{"k1":"too short a secret"}');
    for (const finished of [await make([...WHAT, "--keys", path], {}), await make(WHAT, { EDGEQ_KEYS: "no JSON" })]) {
      expect(finished).toMatchObject({ code: 1, stdout: "" });
      expect(finished.stderr).not.toMatch(/too short a secret|no JSON/);
    }
  });
});
