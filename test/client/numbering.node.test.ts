// Which numbers calls have, how many may be open, and what waits.

import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Numbering } from "../../src/client/numbering.ts";
import { PRODUCER_CALLS } from "../../src/protocol/call-limits.ts";
import type { WireCall } from "../../src/protocol/wire-call.ts";

/** Makes a call as the client does. */
async function made<Answer>(
  numbering: Numbering,
  make: (call: WireCall) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  const begun = numbering.begin(signal);
  const call = begun instanceof Promise ? await begun : begun;
  try {
    return await make(call);
  } finally {
    numbering.end(call);
  }
}

/** Calls that are open until the test ends them. */
class Calls {
  readonly numbering = new Numbering();
  readonly made: { readonly call: WireCall; readonly end: () => void }[] = [];

  run(signal?: AbortSignal): Promise<void> {
    return made(
      this.numbering,
      (call) => new Promise((resolve) => void this.made.push({ call, end: () => resolve() })),
      signal,
    );
  }
}

test("numbers rise by one, and say which is the lowest that may come again where that has changed", async () => {
  const calls = new Calls();
  const done = [calls.run(), calls.run(), calls.run()];
  calls.made[1]?.end();
  await done[1];
  void calls.run();
  calls.made[0]?.end();
  await done[0];
  void calls.run();
  void calls.run();
  expect(calls.made.map(({ call }) => [call.number, call.from])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, undefined],
    [4, undefined],
    [5, 3],
    [6, undefined],
  ]);
  expect(new Set(calls.made.map(({ call }) => call.producer)).size).toBe(1);
});

function nameOf(numbering: Numbering): Promise<string> {
  return made(numbering, (call) => Promise.resolve(call.producer));
}

test("two clients have two names", async () => {
  const one = new Numbering();
  expect(await nameOf(one)).toBe(await nameOf(one));
  expect(await nameOf(one)).not.toBe(await nameOf(new Numbering()));
});

test("as many are open as the queue remembers, and one more waits for the oldest", async () => {
  const calls = new Calls();
  const done = Array.from({ length: PRODUCER_CALLS + 2 }, () => calls.run());
  expect(calls.made).toHaveLength(PRODUCER_CALLS);
  // One that is not the oldest makes no room: its number is within the window still.
  calls.made[1]?.end();
  await done[1];
  expect(calls.made).toHaveLength(PRODUCER_CALLS);
  calls.made[0]?.end();
  await done[0];
  await setImmediate();
  expect(calls.made.slice(-2).map(({ call }) => [call.number, call.from])).toEqual([
    [PRODUCER_CALLS + 1, 3],
    [PRODUCER_CALLS + 2, undefined],
  ]);
});

test("one that waits and is given up takes no number, and one that fails gives way", async () => {
  const calls = new Calls();
  const failing = made(calls.numbering, () => Promise.reject(new Error("refused")));
  for (let call = 1; call < PRODUCER_CALLS; call += 1) void calls.run();
  const given = new AbortController();
  const waiting = calls.run(given.signal);
  void calls.run();
  given.abort(new Error("given up"));
  await expect(waiting).rejects.toThrow("given up");
  await expect(failing).rejects.toThrow("refused");
  await setImmediate();
  expect(calls.made.at(-1)?.call).toMatchObject({ number: PRODUCER_CALLS + 1, from: 2 });
  await expect(calls.run(given.signal)).rejects.toThrow("given up");
});

test("one that is given up in the moment in which there is room takes no number, and the next one has it", async () => {
  const calls = new Calls();
  for (let call = 0; call < PRODUCER_CALLS; call += 1) void calls.run();
  const given = new AbortController();
  const waiting = calls.run(given.signal);
  void calls.run();
  await setImmediate();
  // The end of the first is on its way when the second is given up.
  calls.made[0]?.end();
  given.abort(new Error("given up"));
  await expect(waiting).rejects.toThrow("given up");
  await setImmediate();
  expect(calls.made.slice(PRODUCER_CALLS).map(({ call }) => [call.number, call.from])).toEqual([
    [PRODUCER_CALLS + 1, 2],
  ]);
});
