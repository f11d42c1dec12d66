// How often which duration was seen, in buckets that grow with the duration: four to each doubling, so that a quantile is right to
// within a quarter, whatever the scale. 480 bytes each, and an addition for a duration.

/** Longest duration that has a bucket of its own, about 25 days. ms. */
const LONGEST_MS = 2 ** 31 - 1;
export const BUCKETS = 120;

/** The bucket of a duration. Below 4 ms each millisecond has its own. */
export function bucketOf(ms: number): number {
  const whole = Math.min(Math.max(0, Math.round(ms)), LONGEST_MS);
  if (whole < 4) return whole;
  const exponent = 31 - Math.clz32(whole);
  return 4 * (exponent - 1) + ((whole >> (exponent - 2)) & 3);
}

/** The shortest duration of a bucket. ms. */
export function leastOf(bucket: number): number {
  if (bucket < 4) return bucket;
  const exponent = Math.floor(bucket / 4) + 1;
  return (4 + (bucket % 4)) * 2 ** (exponent - 2);
}

export class Histogram {
  readonly #times = new Uint32Array(BUCKETS);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Once more this bucket; see `bucketOf`. */
  put(bucket: number, times = 1): void {
    this.#times[bucket] = (this.#times[bucket] ?? 0) + times;
    this.#total += times;
  }

  add(more: Histogram): void {
    if (more.#total > 0) for (const [bucket, times] of more.#times.entries()) this.put(bucket, times);
  }

  /** Buckets that were seen, the shortest durations first. */
  pairs(): [bucket: number, times: number][] {
    return Array.from(this.#times.entries()).filter(([, times]) => times > 0);
  }

  /** The duration that a share of those seen did not exceed, between the bounds of its bucket; null: none was seen. */
  quantile(share: number): number | null {
    const rank = share * this.#total;
    let before = 0;
    for (const [bucket, times] of this.pairs()) {
      if (before + times >= rank) {
        const least = leastOf(bucket);
        return Math.round(least + ((leastOf(bucket + 1) - 1 - least) * Math.max(0, rank - before)) / times);
      }
      before += times;
    }
    return null;
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#times.fill(0);
    this.#total = 0;
  }
}
