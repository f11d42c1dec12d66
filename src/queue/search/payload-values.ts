// What of a payload a search compares: all of it as text, or the values at a path.

import type { TaskRow } from "../../store/task-row.ts";

/** As text; bytes have none. */
export function payloadText({ payload }: Pick<TaskRow, "payload">): string {
  return typeof payload === "string" ? payload : "";
}

/** The values at a path such as `customer.id`, as texts; an array on the way stands for each of its items. */
export function payloadValues({ payload }: Pick<TaskRow, "payload">, path: string): readonly string[] {
  if (typeof payload !== "string") return [];
  let value: unknown;
  try {
    // Text payloads that hold JSON are looked into like JSON.
    value = JSON.parse(payload);
  } catch {
    return [];
  }
  return valuesAt(value, path.split(".")).map((found) => (typeof found === "string" ? found : JSON.stringify(found)));
}

function valuesAt(value: unknown, [name, ...rest]: readonly string[]): readonly unknown[] {
  if (name === undefined) return [value];
  if (Array.isArray(value)) {
    const own = /^\d+$/.test(name) && Number(name) < value.length ? [value[Number(name)] as unknown] : [];
    return [
      ...own.flatMap((item) => valuesAt(item, rest)),
      ...value.flatMap((item) => (Array.isArray(item) ? [] : valuesAt(item, [name, ...rest]))),
    ];
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return [];
  return valuesAt((value as Record<string, unknown>)[name], rest);
}
