// A goal of the bench: what was wanted, what was reached, beside what. Made from measurements, never typed in.
import { markdownTable } from "../measure/markdown-table.ts";

export interface Goal {
  readonly what: string;
  /** What it is a ratio to; empty: a figure of its own. */
  readonly beside: string;
  /** As a reader would check it: `12,345/s of 10,000/s`. */
  readonly figures: string;
  readonly reached: number;
  readonly wanted: { readonly atLeast: number } | { readonly atMost: number };
}

export function isMet({ reached, wanted }: Goal): boolean {
  return "atLeast" in wanted ? reached >= wanted.atLeast : reached <= wanted.atMost;
}

export function goalsTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => [
    goal.what,
    goal.beside,
    goal.figures,
    "atLeast" in goal.wanted ? `at least ${goal.wanted.atLeast}` : `at most ${goal.wanted.atMost}`,
    goal.reached.toFixed(2),
    isMet(goal) ? "yes" : "**no**",
  ]);
  return markdownTable(["goal", "beside", "figures", "wanted", "reached", "met"], rows);
}

export const perSecond = (rate: number): string => `${Math.round(rate).toLocaleString("en-US")}/s`;
export const inMs = (ms: number): string => `${ms.toFixed(2)} ms`;
