// Durations in buckets: none is lost between two, and a quantile is right to within a quarter.

import { fc } from "../random/fc.ts";
import { expect, test } from "vitest";
import { bucketOf, Histogram, leastOf } from "../../src/core/histogram.ts";

test("every duration is in the bucket whose bounds hold it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (ms) => {
      const bucket = bucketOf(ms);
      expect(leastOf(bucket)).toBeLessThanOrEqual(ms);
      expect(leastOf(bucket + 1)).toBeGreaterThan(ms);
    }),
  );
  expect([bucketOf(-5), bucketOf(0), bucketOf(2 ** 40)]).toEqual([0, 0, bucketOf(2 ** 31 - 1)]);
});

test("a quantile differs from the exact one by a quarter at most, and so after merging", () => {
  const durations = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95), (all, share) => {
      const one = new Histogram();
      const other = new Histogram();
      for (const [index, ms] of all.entries()) (index % 2 === 0 ? one : other).put(bucketOf(ms));
      one.add(other);
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1] ?? 0;
      const found = one.quantile(share) ?? -1;
      // Within the bucket of the exact one, which is a quarter wide at most.
      expect(bucketOf(found)).toBe(bucketOf(exact));
      expect(one.total).toBe(all.length);
    }),
  );
});

test("nothing seen has no quantile", () => {
  expect(new Histogram().quantile(0.5)).toBeNull();
});
