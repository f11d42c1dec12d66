// Who has the most producers is known without a look at every owner.

import { expect, test } from "vitest";
import { OwnerCounts } from "../../../src/queue/producers/owner-counts.ts";

test("the one with the most is found as owners come, grow, shrink and go; of several, the one who asks", () => {
  const counts = new OwnerCounts([
    { owner: "a", producers: 2 },
    { owner: "b", producers: 3 },
  ]);
  expect([counts.all, counts.most("a"), counts.most("nobody")]).toEqual([5, "b", "b"]);
  counts.add("a", 1);
  expect([counts.most("a"), counts.most("b")]).toEqual(["a", "b"]);
  counts.add("b", -3);
  expect([counts.all, counts.of("b"), counts.most("b")]).toEqual([3, 0, "a"]);
  counts.add("a", -2);
  counts.add("c", 1);
  expect([counts.all, counts.most("c"), counts.most("nobody")]).toEqual([2, "c", "a"]);
  counts.add("a", -5);
  counts.add("c", -1);
  expect([counts.all, counts.most("nobody")]).toEqual([0, "nobody"]);
});
