// The events of a consumer: a small typed emitter, the same in every runtime.

import type { Reports } from "./reports.ts";
import type { ConsumerEvents } from "./consumer-events.ts";

type Listener<Event> = (event: Event) => unknown;

export class Events<Payload> {
  readonly #listeners = new Map<keyof ConsumerEvents, Set<Listener<never>>>();
  readonly #reports: Reports;

  constructor(reports: Reports) {
    this.#reports = reports;
  }

  on<Name extends keyof ConsumerEvents<Payload>>(
    name: Name,
    listener: Listener<ConsumerEvents<Payload>[Name]>,
  ): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** A listener that throws, or rejects, is a bug of its own: it is logged, and neither the consumer nor the process ends. */
  emit<Name extends keyof ConsumerEvents<Payload>>(name: Name, event: ConsumerEvents<Payload>[Name]): void {
    const listeners = this.#listeners.get(name);
    this.#reports.event(name, event, listeners !== undefined && listeners.size > 0);
    const failed = (error: unknown): void => this.#reports.bug(`a listener of "${name}"`, error);
    for (const listener of listeners ?? []) {
      try {
        const result = (listener as Listener<ConsumerEvents<Payload>[Name]>)(event);
        if (result instanceof Promise) result.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }

  /** A function of the user's own that threw; see emit. */
  bug(what: string, error: unknown): void {
    this.#reports.bug(what, error);
  }
}
