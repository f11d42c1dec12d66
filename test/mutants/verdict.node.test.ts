// When a suite has found a planted fault, and when it has only had no time.

import { fc } from "../random/fc.ts";
import { expect, test } from "vitest";
import { SUITES } from "./suites.ts";
import { verdictOf } from "./verdict.ts";

const { failure } = SUITES.rules;
const NAMED = " × |node| test/queue/model.node.test.ts > the queue does what the model does 1200ms\n";
const BY = "|node| test/queue/model.node.test.ts > the queue does what the model does";

/** What fast-check says of a property that has so long. */
function said(holds: boolean, limitMs: number): string {
  const property = fc.property(fc.nat(), () => holds);
  const details = fc.check(property, { interruptAfterTimeLimit: limitMs, markInterruptAsFailure: true });
  return fc.defaultReportMessage(details) ?? "";
}

test("a suite that passes has found nothing, whatever it says", () => {
  expect(verdictOf(failure, true, NAMED)).toEqual({ result: "passed", by: "" });
});

test("a test that fails has found the fault", () => {
  expect(verdictOf(failure, false, `${NAMED}AssertionError: expected 1 to be 2`)).toEqual({ result: "failed", by: BY });
});

test("random runs of which one fails have found it; those that were cut off before have not", () => {
  expect(verdictOf(failure, false, NAMED + said(false, 60_000))).toEqual({ result: "failed", by: BY });
  const cutOff = said(true, 0);
  expect(verdictOf(failure, false, NAMED + cutOff)).toEqual({ result: "no time", by: BY });
});

test("one that fails and names no test says nothing", () => {
  expect(verdictOf(failure, false, "Cannot find module")).toBeNull();
});
