// edgeq doctor: whether a server can be used from here, and if not, what is wrong.

import { isProblem } from "../../client/index.ts";
import { requestJson, type GlobalOptions } from "../connection.ts";
import { shownDuration } from "../duration.ts";
import { EXIT } from "../exit-status.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { table } from "../table.ts";
import type { Style } from "../terminal.ts";

type Verdict = "ok" | "warning" | "failed";

interface Check {
  readonly check: string;
  readonly verdict: Verdict;
  readonly detail: string;
  /** What the command's exit status becomes if this failed. */
  readonly status?: number;
}

const STYLES: Readonly<Record<Verdict, Style>> = { ok: "green", warning: "yellow", failed: "red" };

/** Instants that this machine gives (visibleAt, the end of a token) are off by as much. */
const SKEW_LIMIT_MS = 2_000;
const ANSWER_LIMIT_MS = 10_000;
const SLOW_MS = 1_000;

export const doctorCommand: Subcommand = (program) =>
  program
    .command("doctor")
    .summary("check the server, its storage, the token and the clock")
    .description(
      "Checks that the server answers and can write, that it takes the token, and that its clock and this machine's agree.",
    )
    .addHelpText(
      "after",
      `
Exit status: that of the first check that failed, 3 for the server, 4 for the token, 1 for the storage and the clock.

Examples:
  $ EDGEQ_URL=https://queue.example.com EDGEQ_TOKEN=... edgeq doctor`,
    )
    .action(
      action(async (terminal, connection) => {
        const checks = await examined(connection, program.version() ?? "");
        terminal.result({ url: connection.url, checks: checks.map(({ status: _status, ...check }) => check) }, () =>
          table(checks.map(({ check, verdict, detail }) => [terminal.paint(STYLES[verdict], verdict), check, detail])),
        );
        return checks.find(({ verdict }) => verdict === "failed")?.status ?? EXIT.ok;
      }),
    );

async function examined(connection: GlobalOptions, ownVersion: string): Promise<Check[]> {
  const url = checkedUrl(connection.url);
  if (url.verdict === "failed") return [url];
  const startedAt = Date.now();
  const since = performance.now();
  let health: { readonly status?: unknown; readonly now?: unknown; readonly version?: unknown };
  try {
    health = await requestJson("/v1/health", { url: connection.url }, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [url, { check: "server", verdict: "failed", detail, status: EXIT.unreachable }];
  }
  const endedAt = Date.now();
  if (health.status !== "ok") {
    const detail = "what answers at /v1/health is not an edgeq server, or is not well";
    return [url, { check: "server", verdict: "failed", detail, status: EXIT.unreachable }];
  }
  const tookMs = Math.round(performance.now() - since);
  const server: Check = {
    check: "server",
    verdict: tookMs > SLOW_MS ? "warning" : "ok",
    detail: `answers in ${tookMs} ms`,
  };
  const version = checkedVersion(health.version, ownVersion);
  const [storage, token] = await Promise.all([checkedStorage(connection.url), checkedToken(connection)]);
  return [url, server, version, ...storage, ...token, checkedClock(health.now, startedAt, endedAt)];
}

/** None of a server that does not say. */
async function checkedStorage(url: string): Promise<Check[]> {
  try {
    const { status } = await requestJson<{ readonly status?: unknown }>(
      "/v1/ready",
      { url },
      { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) },
    );
    return status === "ready" ? [{ check: "storage", verdict: "ok", detail: "can be written" }] : [];
  } catch (error) {
    if (!isProblem(error, "not-ready")) return [];
    return [{ check: "storage", verdict: "failed", detail: error.problem.detail, status: EXIT.failed }];
  }
}

function checkedVersion(version: unknown, ownVersion: string): Check {
  if (version === ownVersion) return { check: "version", verdict: "ok", detail: `${ownVersion}, as this command's` };
  const detail = `the server's is ${String(version)}, this command's ${ownVersion}: what one of them does not know is refused`;
  return { check: "version", verdict: "warning", detail };
}

function checkedUrl(url: string): Check {
  try {
    const { protocol, hostname } = new URL(url);
    const isLocal = /^(localhost|127\.|\[::1\])/.test(hostname);
    if (protocol === "http:" && !isLocal) {
      return { check: "url", verdict: "warning", detail: `${url}: over http the token can be read on its way` };
    }
    if (protocol === "http:" || protocol === "https:") return { check: "url", verdict: "ok", detail: url };
  } catch {
    // Said below.
  }
  const detail = `${url} is no http or https URL, such as https://queue.example.com`;
  return { check: "url", verdict: "failed", detail, status: EXIT.usage };
}

/** Asks for what only a token for all queues may see: any other good one is refused as forbidden. */
async function checkedToken(connection: GlobalOptions): Promise<Check[]> {
  const claims = connection.token === undefined ? null : claimsOf(connection.token);
  const grants = claims === null ? "" : `: ${claims}`;
  try {
    await requestJson("/v1/queues?limit=1", connection, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  } catch (error) {
    if (isProblem(error, "forbidden")) return [{ check: "token", verdict: "ok", detail: `is taken${grants}` }];
    const message = error instanceof Error ? error.message : String(error);
    const detail = connection.token === undefined ? `${message} (EDGEQ_TOKEN is not set)` : message;
    return [{ check: "token", verdict: "failed", detail, status: EXIT.notAllowed }];
  }
  if (connection.token !== undefined) return [{ check: "token", verdict: "ok", detail: `is taken${grants}` }];
  return [{ check: "token", verdict: "warning", detail: "none is needed: the server is open to everybody" }];
}

/** What a token says of itself, unverified: only the server has the key. */
function claimsOf(token: string): string | null {
  try {
    const [, payload = ""] = token.split(".");
    const { queues, can, exp } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as {
      queues: string[];
      can: string[];
      exp: number;
    };
    return `${can.join(", ")} on ${queues.join(", ")}, for ${shownDuration(exp * 1_000 - Date.now())}`;
  } catch {
    return null;
  }
}

/** The server's clock was read somewhere between asking and being answered. */
function checkedClock(serverNow: unknown, startedAt: number, endedAt: number): Check {
  if (typeof serverNow !== "number") {
    return { check: "clock", verdict: "warning", detail: "the server does not tell the time" };
  }
  const skewMs = serverNow < startedAt ? serverNow - startedAt : Math.max(0, serverNow - endedAt);
  if (Math.abs(skewMs) <= SKEW_LIMIT_MS) {
    return { check: "clock", verdict: "ok", detail: `agrees with the server's within ${endedAt - startedAt} ms` };
  }
  const detail = `the server's is ${shownDuration(Math.abs(skewMs))} ${skewMs > 0 ? "ahead" : "behind"}`;
  return { check: "clock", verdict: "failed", detail, status: EXIT.failed };
}
