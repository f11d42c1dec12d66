// What of a request's trace headers is taken, by the W3C's Trace Context.

import { expect, test } from "vitest";
import { traceContextOf } from "../../src/core/trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;

function read(traceparent: string | null, tracestate: string | null = null) {
  return traceContextOf(traceparent, () => tracestate);
}

test.each([
  ["sampled", TRACEPARENT],
  ["not sampled", `00-${TRACE}-${PARENT}-00`],
  ["with flags that have no meaning yet", `00-${TRACE}-${PARENT}-ff`],
])("a traceparent of version 00 is kept as it is: %s", (_name, traceparent) => {
  expect(read(traceparent)).toEqual({ traceparent });
});

test.each([
  ["of the same fields", `01-${TRACE}-${PARENT}-01`, "01"],
  ["with more fields", `cc-${TRACE}-${PARENT}-01-what-comes`, "01"],
  ["with flags that version 00 does not know", `cc-${TRACE}-${PARENT}-ff`, "03"],
])("a traceparent of a later version is read as far as it is known: %s", (_name, traceparent, flags) => {
  expect(read(traceparent)).toEqual({ traceparent: `00-${TRACE}-${PARENT}-${flags}` });
});

test.each([
  null,
  "",
  "00",
  `ff-${TRACE}-${PARENT}-01`,
  `0-${TRACE}-${PARENT}-01`,
  `00-${"0".repeat(32)}-${PARENT}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}`,
  `00-${TRACE}-${PARENT}-1`,
  `00-${TRACE}-${PARENT}-01-`,
  `00-${TRACE}-${PARENT}-01-more`,
  `cc-${TRACE}-${PARENT}-01.more`,
  // Two headers of this name reach the Worker as one.
  `${TRACEPARENT}, ${TRACEPARENT}`,
])("an invalid traceparent takes its tracestate along: %j", (traceparent) => {
  expect(read(traceparent, "rojo=1")).toBeNull();
});

test.each([
  ["one member", "rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"],
  ["several, with spaces and empty ones between", "rojo=1 ,\tcongo=t61 , ,a@b=x", "rojo=1,congo=t61,a@b=x"],
  ["512 characters", `${"a".repeat(255)}=${"b".repeat(256)}`, `${"a".repeat(255)}=${"b".repeat(256)}`],
])("tracestate goes with it: %s", (_name, tracestate, kept) => {
  expect(read(TRACEPARENT, tracestate)).toEqual({ traceparent: TRACEPARENT, tracestate: kept });
});

test.each([
  ["no members", " , "],
  ["a member without a value", "rojo"],
  ["a key in capitals", "Rojo=1"],
  ["a value with =", "rojo=1=2"],
  ["33 members", Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(",")],
  ["513 characters", `${"a".repeat(256)}=${"b".repeat(256)}`],
])("an invalid tracestate is dropped alone: %s", (_name, tracestate) => {
  expect(read(TRACEPARENT, tracestate)).toEqual({ traceparent: TRACEPARENT });
});
