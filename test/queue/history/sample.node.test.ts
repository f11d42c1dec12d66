// A sample is read as it was written; of one that an import brought, only what is of the form counts.

import { fc } from "../../random/fc.ts";
import { expect, test } from "vitest";
import { Sample } from "../../../src/queue/history/sample.ts";

test("a sample comes back as it was written", () => {
  const sample = new Sample();
  sample.count("enqueued", "main", 3);
  sample.count("acked", "a", 2);
  sample.wait.put(7, 2);
  sample.run.put(119, 1);
  sample.backlog = 5;
  sample.dead = 0;
  const read = Sample.fromText(sample.toText());
  expect(read.toText()).toBe(sample.toText());
  expect([read.events.enqueued, read.lanes.get("a")?.acked, read.wait.total, read.backlog]).toEqual([3, 2, 2, 5]);
});

test("whatever an object holds, it is read as counts", () => {
  const counts = fc.oneof(fc.jsonValue(), fc.array(fc.oneof(fc.integer(), fc.jsonValue())));
  const names = ["events", "lanes", "wait", "run", "backlog", "dead"];
  fc.assert(
    fc.property(fc.tuple(...names.map(() => counts)), (values) => {
      const text = JSON.stringify(Object.fromEntries(names.map((name, at) => [name, values[at]])));
      const { events, wait, run, backlog } = Sample.fromText(text);
      for (const count of [...Object.values(events), wait.total, run.total, backlog ?? 0]) {
        expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
      }
    }),
  );
});
