// What a scenario found, in markdown.
import { goalsTable } from "../goals/goal.ts";
import { markdownTable } from "../measure/markdown-table.ts";
import type { ScenarioResult } from "./scenario.ts";

export function scenarioTables({ tables, goals, skipped }: ScenarioResult): string {
  const blocks = tables.map(({ title, head, rows }) => `### ${title}\n\n${markdownTable(head, rows)}`);
  if (goals.length > 0) blocks.push(`### Goals\n\n${goalsTable(goals)}`);
  if (skipped.length > 0) blocks.push(`Left out:\n\n${skipped.map((what) => `- ${what}`).join("\n")}`);
  return `${blocks.join("\n\n")}\n`;
}
