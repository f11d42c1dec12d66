// Who is let in, seen from the command line: tokens that it makes, and what doctor says about a server.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { tokenOf } from "../http/token-builder.ts";
import { problem } from "../../src/protocol/problem.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { runCli, type CliResult } from "./run-cli.ts";

/** One that takes over a second to answer is warned of, as a machine with much else to do may. */
const ANSWERS = expect.stringMatching(/^(?:ok|warning)$/) as string;

const KEYS = JSON.stringify({ k1: "a secret of at least thirty-two bytes", k2: "another secret of thirty-two bytes" });

const server = serverForTests({ EDGEQ_KEYS: KEYS });

async function token(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli(["token", ...args], { env: { EDGEQ_KEYS: KEYS } });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

function withToken(args: readonly string[], EDGEQ_TOKEN: string): Promise<CliResult> {
  return runCli(args, { url: server.url, env: { EDGEQ_TOKEN } });
}

async function checksOf(result: Promise<CliResult>): Promise<[number | null, Record<string, string>]> {
  const { status, stdout } = await result;
  const { checks } = JSON.parse(stdout) as { checks: { check: string; verdict: string }[] };
  return [status, Object.fromEntries(checks.map(({ check, verdict }) => [check, verdict]))];
}

describe("a token", () => {
  test("lets in to what it names, and to nothing else", async () => {
    const good = await token("--queue", "orders*", "--can", "enqueue,browse");
    expect((await withToken(["send", "orders-eu", "1"], good)).status).toBe(0);
    expect((await withToken(["stats", "orders-eu"], good)).status).toBe(0);
    expect(await withToken(["claim", "orders-eu"], good)).toMatchObject({
      status: 4,
      stderr: expect.stringContaining("[forbidden]") as string,
    });
    expect((await withToken(["send", "mails", "1"], good)).status).toBe(4);
  });

  test("may be signed with each key, and ends when it says", async () => {
    const lasting = await token("--queue", "*", "--can", "browse", "admin", "--key-id", "k1");
    expect((await withToken(["queues"], lasting)).status).toBe(0);
    const { expiresAt } = JSON.parse(await token("--queue", "*", "--can", "browse", "--expires", "2h", "--json")) as {
      expiresAt: number;
    };
    expect(Math.abs(expiresAt - Date.now() - 7_200_000)).toBeLessThan(60_000);
  });

  test("reaches only its lanes, as often as its limits allow", async () => {
    const limited = await token(
      "--queue",
      "*",
      "--can",
      "enqueue",
      "--lane",
      "eu,us",
      "--limit",
      "requestsPerSecond=1",
    );
    expect((await withToken(["send", "lanes", "1"], limited)).status).toBe(4);
    const claims: unknown = JSON.parse(Buffer.from(limited.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({ lanes: ["eu", "us"], requestsPerSecond: 1 });
  });

  test("is asked for, and a wrong one refused, with status 4", async () => {
    expect((await runCli(["stats", "q"], { url: server.url })).status).toBe(4);
    expect((await withToken(["stats", "q"], "not.a.token")).status).toBe(4);
    expect((await withToken(["work", "q", "true"], "not.a.token")).status).toBe(4);
  });

  test.each([
    [["--queue", "or/ders", "--can", "enqueue"], "queue"],
    [["--queue", "*", "--can", "enqeue"], "can"],
    [["--queue", "*", "--can", "enqueue", "--expires", "10y"], "--expires"],
    [["--queue", "*", "--can", "enqueue", "--key-id", "k9"], "k1, k2"],
    [["--queue", "*", "--can", "enqueue", "--keys", "/nowhere.json"], "/nowhere.json"],
    [["--can", "enqueue"], "--queue"],
    [["--queue", "*", "--can", "browse", "--lane", "eu"], "enqueue and claim only, with lanes"],
    [["--queue", "*", "--can", "claim", "--limit", "ownClaims=no"], "ownClaims"],
    [["--queue", "*", "--can", "claim", "--limit", "rps=5"], "requestsPerSecond"],
  ])("is not made of %j", async (args, what) => {
    const { status, stderr } = await runCli(["token", ...args], { env: { EDGEQ_KEYS: KEYS } });
    expect([status, stderr]).toEqual([2, expect.stringContaining(what)]);
  });
});

describe("doctor", () => {
  test("finds nothing wrong with a good token, admin or not", async () => {
    for (const can of ["admin", "enqueue"]) {
      const result = withToken(["doctor", "--json"], await token("--queue", "*", "--can", can));
      const ok = { url: "ok", server: ANSWERS, version: "ok", storage: "ok", token: "ok", clock: "ok" };
      expect(await checksOf(result)).toEqual([0, ok]);
    }
  });

  test("says what a token allows", async () => {
    const { stdout } = await withToken(
      ["doctor"],
      await token("--queue", "a*", "b", "--can", "claim", "--expires", "3d"),
    );
    expect(stdout).toMatch(/ok +token +is taken: claim on a\*, b, for (3d|72h)/);
  });

  test("fails with status 4 on a wrong token and on none", async () => {
    const bad = { url: "ok", server: ANSWERS, version: "ok", storage: "ok", token: "failed", clock: "ok" };
    expect(await checksOf(withToken(["doctor", "--json"], "wrong"))).toEqual([4, bad]);
    expect(await checksOf(runCli(["doctor", "--json"], { url: server.url }))).toEqual([4, bad]);
  });

  test("fails with status 3 where nobody listens, and 2 on what is no URL", async () => {
    const { port, close } = await fakeServer({});
    await close();
    const nobody = runCli(["doctor", "--json", "--url", `http://127.0.0.1:${port}`]);
    expect(await checksOf(nobody)).toEqual([3, { url: "ok", server: "failed" }]);
    expect(await checksOf(runCli(["doctor", "--json", "--url", "ftp://x"]))).toEqual([2, { url: "failed" }]);
  });

  test("knows another server from an edgeq one", async () => {
    const { port, close } = await fakeServer({ hello: "world" });
    const other = runCli(["doctor", "--json"], { url: `http://127.0.0.1:${port}` });
    expect(await checksOf(other)).toEqual([3, { url: "ok", server: "failed" }]);
    await close();
  });

  test("tells a server of another version", async () => {
    const { port, close } = await fakeServer({
      status: "ok",
      version: "9.9.9",
      now: Date.now(),
      queues: [],
      cursor: null,
    });
    const { stdout } = await runCli(["doctor"], { url: `http://127.0.0.1:${port}` });
    expect(stdout).toMatch(/warning +version +the server's is 9\.9\.9, this command's \d/);
    await close();
  });

  test.each([
    [600_000, "ahead"],
    [-600_000, "behind"],
  ])("fails with status 1 when the clocks differ by %i ms", async (skewMs, direction) => {
    const { port, close } = await fakeServer({ status: "ok", queues: [], cursor: null }, skewMs);
    const { status, stdout } = await runCli(["doctor"], { url: `http://127.0.0.1:${port}` });
    expect([status, stdout]).toEqual([1, expect.stringMatching(new RegExp(`failed +clock .*10m ${direction}`))]);
    await close();
  });
});

describe("a server that does not fit this command", () => {
  const OTHER = { status: "ok", version: "9.9.9" };
  const FITS = /; the server is of version 9\.9\.9 and this command of \d\S+: npx edgeq@9\.9\.9 fits it \[/;

  test.each([
    ["has no such path", 404, problem("not-found", "There is nothing at /v1/overview")],
    ["refuses a field", 400, { ...problem("invalid-request", "x"), field: "x", allowed: "only the fields a, b" }],
    ["has a problem of its own", 400, { ...problem("invalid-request", "x"), code: "not-invented-here" }],
    ["answers otherwise", 200, {}],
  ])("is told by its version when it %s", async (_what, status, answer) => {
    const { port, close } = await fakeServer(answer, 0, status, OTHER);
    for (const args of [["overview"], ["stats", "orders"], ["send", "orders", "1"]]) {
      expect((await runCli(args, { url: `http://127.0.0.1:${port}` })).stderr).toMatch(FITS);
    }
    await close();
  });

  test("is not asked for its version after a refusal that every version knows", async () => {
    const { port, close } = await fakeServer(problem("queue-not-found", "x"), 0, 404, OTHER);
    const { status, stderr } = await runCli(["stats", "orders"], { url: `http://127.0.0.1:${port}` });
    expect([status, stderr]).toEqual([5, expect.not.stringMatching(FITS)]);
    await close();
  });

  test("is named when it is the API of something else, with status 3", async () => {
    const { port, close } = await fakeServer({ hello: "world" });
    const url = `http://127.0.0.1:${port}`;
    for (const args of [["stats", "q"], ["queues"], ["send", "q", "1"], ["claim", "q"], ["work", "q", "true"]]) {
      const { status, stderr } = await runCli(args, { url });
      expect([args, status, stderr]).toEqual([
        args,
        3,
        expect.stringContaining("is not an edgeq server. Check the URL"),
      ]);
    }
    await close();
  });
});

/** Answers everything with the document, and with its clock off by so much; its health with another document if there is one. */
async function fakeServer(
  document: object,
  skewMs = 0,
  status = 200,
  health: object | null = null,
): Promise<{ port: number; close: () => Promise<void> }> {
  const fake: Server = createServer(({ url }, response) => {
    const isHealth = health !== null && url === "/v1/health";
    response.statusCode = isHealth ? 200 : status;
    response.setHeader("content-type", "application/json");
    response.setHeader("connection", "close");
    response.end(JSON.stringify({ ...(isHealth ? health : document), now: Date.now() + skewMs }));
  });
  await new Promise<void>((listening) => {
    fake.listen(0, "127.0.0.1", listening);
  });
  const close = (): Promise<void> =>
    new Promise((closed) => {
      fake.close(() => closed());
    });
  return { port: (fake.address() as AddressInfo).port, close };
}

describe("tokens of an admin's", () => {
  test("are made by the server, listed and revoked, by what they are or by their id", async () => {
    const admin = await token("--queue", "*", "--can", "admin", "enqueue", "--subject", "ada");
    const make = ["tokens", "make", "--queue", "orders*", "--can", "enqueue", "--subject", "shop", "--expires", "90d"];
    const made = await withToken(make, admin);
    expect(made).toMatchObject({ status: 0, stderr: expect.stringMatching(/^id \S+\n$/) as string });
    const [first, second] = [made.stdout.trim(), (await withToken(make, admin)).stdout.trim()];
    for (const one of [first, second]) expect((await withToken(["send", "orders", "1"], one)).status).toBe(0);
    const [id] = /(?<=id )\S+/.exec(made.stderr) ?? [];
    expect((await withToken(["tokens", "revoke", String(id), second], admin)).status).toBe(0);
    for (const one of [first, second]) expect((await withToken(["send", "orders", "1"], one)).status).toBe(4);
    expect((await withToken(["tokens", "revoked"], admin)).stdout).toContain(String(id));
  });

  test("made with the keys and without an id are revoked by what they are", async () => {
    const admin = await token("--queue", "*", "--can", "admin");
    const old = await tokenOf({ secret: "a secret of at least thirty-two bytes", claims: { can: ["enqueue"] } });
    expect((await withToken(["send", "orders", "1"], old)).status).toBe(0);
    expect((await withToken(["tokens", "revoke", old], admin)).status).toBe(0);
    expect((await withToken(["send", "orders", "1"], old)).status).toBe(4);
  });

  test("need admin, and no more than one has", async () => {
    const worker = await token("--queue", "*", "--can", "claim");
    const make = ["tokens", "make", "--queue", "orders", "--can", "claim"];
    expect((await withToken(make, worker)).status).toBe(4);
    const admin = await token("--queue", "*", "--can", "admin");
    const refused = await withToken(make, admin);
    expect([refused.status, refused.stderr]).toEqual([
      4,
      expect.stringContaining("can: your own token does not allow"),
    ]);
  });
});
