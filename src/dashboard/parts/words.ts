// Numbers, durations and instants as the page writes them: the same everywhere, in the reader's language's digits and zone.

const NUMBER = new Intl.NumberFormat("en");
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function number(value: number): string {
  return NUMBER.format(value);
}

/** 12,400 as "12.4K": where room is short and the exact number is a hover away. */
export function compact(value: number): string {
  return value < 10_000 ? number(value) : COMPACT.format(value);
}

/** Small sums with the digits that say something: "$0.00042". */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.0001) return "< $0.0001";
  return usd > 0 && usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
}

/** "1 task", "12 tasks", "3 entries". */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : plural}`;
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** A duration in its two largest units: "2 h 5 min"; below a second in ms. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const at = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[at] ?? UNITS[3];
  const whole = Math.floor(ms / size);
  const next = UNITS[at + 1];
  const rest = next === undefined ? 0 : Math.floor((ms - whole * size) / next[1]);
  return next === undefined || rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${next[0]}`;
}

/** "in 12 s", "3 min ago". */
export function relative(at: number, now: number): string {
  const ms = at - now;
  if (Math.abs(ms) < 1_000) return "now";
  return ms > 0 ? `in ${coarse(ms)}` : `${coarse(-ms)} ago`;
}

/** A duration in its largest unit alone. */
export function coarse(ms: number): string {
  const [unit, size] = UNITS.find(([, least]) => ms >= least) ?? UNITS[3];
  return `${Math.floor(ms / size)} ${unit}`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** "14:02:11", with the day when it is another one. */
export function clock(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? CLOCK.format(at) : `${DAY.format(at)} ${CLOCK.format(at)}`;
}

/** "14:02:11, in 12 s". @param at null: some time later */
export function instant(at: number | null, now: number): string {
  return at === null ? "later" : `${clock(at, now)}, ${relative(at, now)}`;
}

/** For an axis whose marks are so many seconds apart. */
export function axisTime(at: number, stepS: number): string {
  const time = CLOCK.format(at);
  if (stepS >= 3_600 && (stepS >= 86_400 || time.startsWith("00:00"))) return DAY.format(at);
  return stepS >= 60 ? time.slice(0, 5) : time;
}

export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1_000).toFixed(1)} kB`;
  if (value < 1_000_000_000) return `${(value / 1_000_000).toFixed(1)} MB`;
  return `${(value / 1_000_000_000).toFixed(1)} GB`;
}
