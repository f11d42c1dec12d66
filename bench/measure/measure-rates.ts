// Subjects of several modules measured in interleaved rounds, with their medians and ratios.
import { machine, type Machine } from "./machine.ts";
import { runRounds, type SubjectResult, type SubjectSource } from "./run-rounds.ts";
import type { Settings } from "./settings.ts";
import type { Subject } from "./subject.ts";
import { summarize, type SummaryRow } from "./summarize.ts";

export interface RatesResult {
  /** ISO 8601, when it began. */
  readonly at: string;
  readonly machine: Machine;
  readonly settings: Settings;
  /** The subject that the ratios are of; null: nothing was measured. */
  readonly base: string | null;
  readonly rows: readonly SummaryRow[];
  readonly results: readonly SubjectResult[];
}

export interface RatesOrder {
  /** URLs of modules that export `subjects`. */
  readonly modules: readonly string[];
  /** Subjects whose name contains one of these; empty: all. */
  readonly only: readonly string[];
  /** May be absent from the run: then the first measured takes its place. */
  readonly base: string;
  readonly settings: Settings;
  readonly dir: string;
}

export async function measureRates(order: RatesOrder, say: (line: string) => void): Promise<RatesResult> {
  const { only, settings } = order;
  const at = new Date().toISOString();
  const sources = (await Promise.all(order.modules.map(sourcesOf)))
    .flat()
    .filter(({ subject }) => only.length === 0 || only.some((wanted) => subject.name.includes(wanted)));
  const results = await runRounds(sources, settings, order.dir, say);
  const measured = results.filter((result) => result.rounds.length > 0).map(({ name }) => name);
  const base = measured.includes(order.base) ? order.base : (measured[0] ?? null);
  return { at, machine: machine(), settings, base, rows: summarize(results, base), results };
}

async function sourcesOf(module: string): Promise<SubjectSource[]> {
  const loaded = (await import(module)) as { subjects: readonly Subject[] };
  return loaded.subjects.map((subject) => ({ module, subject }));
}
