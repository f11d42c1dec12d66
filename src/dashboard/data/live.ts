// Keeps what is on the page fresh, at no cost otherwise: one request at a time for each thing on the page, none while the
// tab is hidden or the reader has paused, few while nobody touches the page.

import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { putLast } from "../../core/put-last.ts";
import { CallError } from "./call.ts";

/** The reader's pause button. */
export const isPaused = signal(false);
/** The tab is looked at. */
export const isVisible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => {
  isVisible.value = document.visibilityState === "visible";
});

/** A page that nobody has touched for so long is probably open by accident. ms. */
const IDLE_MS = 15 * 60_000;
/** How many times as rarely it asks from then on: the overview about every 8 minutes, so that queues may sleep between. */
const IDLE_FACTOR = 100;
/** After a failure the next try comes after this long, then after twice as long, and so on. ms. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;
let touchedAt = Date.now();
/** Nobody has touched the page for long, so that it asks rarely. */
export const isIdle = signal(false);
for (const type of ["pointerdown", "pointermove", "keydown", "wheel"]) {
  addEventListener(
    type,
    () => {
      touchedAt = Date.now();
      isIdle.value = false;
    },
    { passive: true },
  );
}

/** Knows without a request whether what is loaded may have changed. */
export interface LiveSource {
  /** It does at present. */
  readonly isOpen: ReadonlySignal<boolean>;
  /** Another number whenever something has changed. */
  readonly changes: ReadonlySignal<number>;
}
/** What a source says has not changed is asked for this many times as rarely: it may be what no row is written for. */
const UNCHANGED_FACTOR = 30;

export interface Live<Value> {
  /** The last answer, also while the server does not give another; null: none yet. */
  readonly value: Value | null;
  /** Why there is no newer answer; null: the value is fresh. */
  readonly error: CallError | null;
  /** When the value came, ms since 1970. */
  readonly at: number | null;
  readonly refresh: () => void;
}

interface Answered {
  readonly value: unknown;
  readonly at: number;
}
/** Going back shows at once what was there. Small: one answer for each thing looked at. */
const answered = new Map<string, Answered>();
const MOST_ANSWERED = 200;

/**
 * Loads something and keeps it fresh.
 *
 * @param key what is loaded: another key loads anew
 * @param everyMs how long after an answer the next request follows; null: only `refresh` asks again
 * @param source given: the next request follows when something has changed, and much later otherwise
 */
export function useLive<Value>(
  key: string,
  load: (abort: AbortSignal) => Promise<Value>,
  everyMs: number | null,
  source: LiveSource | null = null,
): Live<Value> {
  const [state, setState] = useState<{ key: string; answer: Answered | null; error: CallError | null }>({
    key,
    answer: answered.get(key) ?? null,
    error: null,
  });
  const current = useRef(load);
  current.current = load;
  const refresh = useRef(() => {});

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;
    let isDue = true;
    let isSlow = false;
    let failures = 0;
    /** The last answer of the source, and since when it stands. */
    let seen = -1;
    let askedAt = 0;
    const isNews = (): boolean =>
      source === null ||
      everyMs === null ||
      !source.isOpen.value ||
      source.changes.value !== seen ||
      Date.now() - askedAt >= everyMs * UNCHANGED_FACTOR;
    setState({ key, answer: answered.get(key) ?? null, error: null });

    const ask = async (): Promise<void> => {
      clearTimeout(timer);
      if (isAsking || abort.signal.aborted) return;
      isAsking = true;
      isDue = false;
      isSlow = false;
      seen = source?.changes.peek() ?? -1;
      askedAt = Date.now();
      try {
        const value = await current.current(abort.signal);
        putLast(answered, key, { value, at: Date.now() }, MOST_ANSWERED);
        failures = 0;
        if (!abort.signal.aborted) setState({ key, answer: answered.get(key) ?? null, error: null });
        if (everyMs === null) return;
        isIdle.value = Date.now() - touchedAt > IDLE_MS;
        isSlow = isIdle.value;
        plan(isSlow ? everyMs * IDLE_FACTOR : everyMs);
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof CallError)) throw error;
        failures += 1;
        setState({ key, answer: answered.get(key) ?? null, error });
        if (isTransient(error)) plan(Math.min(RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS));
      } finally {
        isAsking = false;
      }
    };
    const plan = (delayMs: number): void => {
      timer = setTimeout(() => {
        isDue = true;
        if (isVisible.value && !isPaused.value && isNews()) void ask();
        else if (source !== null && everyMs !== null) plan(everyMs);
      }, delayMs);
    };
    refresh.current = () => void ask();
    void ask();
    // What fell due while nobody looked is asked for when somebody does.
    const stop = effect(() => {
      const isAwaited = isDue || (!isIdle.value && isSlow);
      if (isVisible.value && !isPaused.value && isAwaited && isNews()) void ask();
    });
    return () => {
      abort.abort();
      clearTimeout(timer);
      stop();
    };
  }, [key, everyMs, source]);

  const { answer, error } = state.key === key ? state : { answer: answered.get(key) ?? null, error: null };
  return {
    value: (answer?.value ?? null) as Value | null,
    at: answer?.at ?? null,
    error,
    refresh: () => refresh.current(),
  };
}

/** Whether asking again may help without anybody changing anything. */
function isTransient({ problem }: CallError): boolean {
  return problem === null || problem.status >= 500 || problem.status === 429;
}
