// What every error document has, whatever its code.

import { expect } from "vitest";
import { PROBLEMS, type ProblemCode } from "../../src/protocol/problem.ts";
import type { Answer } from "./api.ts";

/** @param members what this one must say beside its code: field, given, allowed, ... */
export function expectProblem(
  answer: Answer,
  code: ProblemCode,
  members: Readonly<Record<string, unknown>> = {},
): void {
  const { status, title, retryable } = PROBLEMS[code];
  expect({ ...answer.body, httpStatus: answer.status }).toMatchObject({
    httpStatus: status,
    type: `urn:edgeq:problem:${code}`,
    code,
    status,
    title,
    detail: expect.any(String) as unknown,
    ...members,
  });
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.has("retry-after")).toBe(retryable);
}

/** A refusal of bad input: it names the field, repeats what was given, and says what is allowed. */
export function expectInvalid(answer: Answer, field: string, given?: unknown): void {
  expectProblem(answer, "invalid-request", { field, allowed: expect.stringMatching(/./) as unknown });
  if (given !== undefined) expect(answer.body["given"]).toEqual(given);
  expect(answer.body["detail"]).toContain(field);
}
