// Explains failures that are neither the server's fault nor this command's, but mean that the two do not fit: something else answers
// at the address, or an edgeq of another version. The server is asked only after such a failure.

import { ForeignAnswerError, isProblem, ProblemError } from "../client/index.ts";
import { PROBLEMS } from "../protocol/problem.ts";
import { requestJson, type GlobalOptions } from "./connection.ts";

const ANSWER_LIMIT_MS = 5_000;

/** What failed, as its `cause`, between a command and a server of different versions. */
export class OtherVersionError extends Error {}

/** The error itself, or a better one where the server turns out to be no edgeq, or one of another version. Never throws. */
export async function explained(error: unknown, connection: GlobalOptions, ownVersion: string): Promise<unknown> {
  if (!mayNotFit(error)) return error;
  const { url } = connection;
  try {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const { status, version } = await requestJson<Record<string, unknown>>("/v1/health", { url }, { signal });
    if (status !== "ok")
      return new ForeignAnswerError(new Error(`what answers at ${url}/v1/health is not an edgeq server`));
    if (version === ownVersion || typeof version !== "string") return error;
    const message = `the server is of version ${version} and this command of ${ownVersion}: npx edgeq@${version} fits it`;
    return new OtherVersionError(message, { cause: error });
  } catch (refusal) {
    return refusal instanceof ForeignAnswerError ? refusal : error;
  }
}

/** An answer that cannot be read, or a refusal of what this command takes for right. */
function mayNotFit(error: unknown): boolean {
  if (error instanceof ForeignAnswerError || error instanceof TypeError) return true;
  if (!(error instanceof ProblemError)) return false;
  if (isProblem(error, "not-found") || isProblem(error, "method-not-allowed")) return true;
  return !Object.hasOwn(PROBLEMS, error.code) || String(error.problem["allowed"]).startsWith("only the fields ");
}
