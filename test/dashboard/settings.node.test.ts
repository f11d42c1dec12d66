// The form of the settings beside the API's declaration of them: nothing that can be set is missing, and what is typed is taken.

import { expect, test } from "vitest";
import { settingsPatch } from "../../src/api/operations/settings-fields.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { SETTING_FIELDS } from "../../src/dashboard/data/settings-fields.ts";
import { patchOf, textOfSetting, whyNotSetting } from "../../src/dashboard/data/settings-text.ts";

interface Declared {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Declared>>;
  readonly anyOf?: readonly Declared[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
}

/** Every value that can be set, by its path, with what is allowed. */
function valuesOf(schema: Declared, path = ""): [string, object][] {
  const { properties, anyOf: [inner = schema] = [], minimum, maximum, enum: words } = schema;
  const parts = properties ?? inner.properties;
  if (parts !== undefined)
    return Object.entries(parts).flatMap(([name, part]) => valuesOf(part, path === "" ? name : `${path}.${name}`));
  const { type = "text", minimum: min = minimum, maximum: max = maximum } = inner;
  return [[path, min === undefined ? { words: words ?? [] } : { min, max, isWhole: type === "integer" }]];
}

test("each setting of the declaration has a field with its range, but for the pause, which has a button", () => {
  const declared = valuesOf(settingsPatch.json as Declared).filter(([path]) => path !== "paused");
  const fields = SETTING_FIELDS.map(({ name, range, choices = {} }) => [
    name,
    range ?? { words: Object.keys(choices) },
  ]);
  expect(declared.length).toBeGreaterThan(20);
  expect(Object.fromEntries(fields)).toEqual(Object.fromEntries(declared));
  expect(fields).toHaveLength(declared.length);
});

test.each(SETTING_FIELDS)("what is typed into the field of $name is a change that the API takes", (field) => {
  const rate = field.name.replace(/[^.]*$/, "limit");
  const before = (name: string): string =>
    name === rate && rate !== field.name && name.includes("rate") ? "7" : textOfSetting(DEFAULT_SETTINGS, name);
  const [least = "other"] = field.range === undefined ? Object.keys(field.choices ?? {}) : [String(field.range.min)];
  for (const typed of [least, ...(field.empty === undefined ? [] : [""])]) {
    const textOf = (name: string): string => (name === field.name ? typed : before(name));
    expect(whyNotSetting(field, typed, textOf)).toBeNull();
    const patch = patchOf([field], textOf);
    expect(Object.keys(patch)).toHaveLength(1);
    expect(() => settingsPatch.parse(patch, "")).not.toThrow();
  }
  const wrong = field.range === undefined ? "no such/word" : String(field.range.max + 1);
  expect(whyNotSetting(field, wrong, (name) => (name === field.name ? wrong : before(name)))).not.toBeNull();
});

function change(of: typeof DEFAULT_SETTINGS, typed: Readonly<Record<string, string>>): object {
  const changed = SETTING_FIELDS.filter(({ name }) => name in typed);
  return patchOf(changed, (name) => typed[name] ?? textOfSetting(of, name));
}

test("a rate is sent whole: its other parts as they are, or what an empty field means", () => {
  const settings = { ...DEFAULT_SETTINGS, rate: { limit: 10, periodMs: 60_000, burst: 3 } };
  expect(change(settings, { "rate.limit": "20" })).toEqual({ rate: { limit: 20, periodMs: 60_000, burst: 3 } });
  expect(change(settings, { "rate.limit": "" })).toEqual({ rate: null });
  expect(change(DEFAULT_SETTINGS, { "keys.rate.limit": "5", "keys.order": "fifo" })).toEqual({
    keys: { order: "fifo", rate: { limit: 5, periodMs: 1_000, burst: 1 } },
  });
  const [, periodMs] = SETTING_FIELDS.filter(({ name }) => name.startsWith("rate."));
  expect(periodMs && whyNotSetting(periodMs, "5", () => "")).toContain("only with a number of attempts");
});
