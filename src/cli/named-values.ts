// Arguments of the form name=value, as an object. Names and values are the server's to judge: it says what is wrong with which.

import { parseDuration } from "./duration.ts";
import { UsageError } from "./exit-status.ts";

/**
 * @param groups names of objects, whose parts are given as group.part=value
 * @throws {UsageError} for a name that is given twice, alone or as the group of another: which of them is meant is not known
 */
export function namedValues(given: readonly string[], groups: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const names = new Set<string>();
  for (const one of given) {
    const [, name = "", text = ""] = /^([A-Za-z.]+)=(.*)$/s.exec(one) ?? [];
    if (name === "") throw new UsageError(`given ${JSON.stringify(one)}, allowed: name=value`);
    const [group = "", part] = name.split(/\.(.+)/s);
    const isTwice = names.has(name) || names.has(group) || [...names].some((other) => other.startsWith(`${name}.`));
    if (isTwice) throw new UsageError(`${name}: given twice`);
    names.add(name);
    if (part === undefined || !groups.includes(group)) values[name] = valueOf(name, text);
    else values[group] = { ...(values[group] as object | undefined), [part]: valueOf(name, text) };
  }
  return values;
}

function valueOf(name: string, text: string): unknown {
  if (name.endsWith("Ms") && /^\d.*[a-z]$/.test(text)) return parseDuration(name, text);
  // A queue may be called 7, or true.
  if (name === "deadLetterQueue" && text !== "null") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
