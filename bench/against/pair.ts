// The two sides of a comparison.

/** This tree first, then the other commit. */
export type Pair<Value> = readonly [own: Value, other: Value];
export type Side = 0 | 1;
export const bothSides: Pair<Side> = [0, 1];

/** One after the other, never at the same time. */
export async function eachOf<Value, Result>(
  [own, other]: Pair<Value>,
  use: (value: Value) => Promise<Result>,
  isOtherFirst = false,
): Promise<Pair<Result>> {
  if (!isOtherFirst) return [await use(own), await use(other)];
  const second = await use(other);
  return [await use(own), second];
}
