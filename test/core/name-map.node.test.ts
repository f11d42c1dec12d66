import { fc } from "../random/fc.ts";
import { expect, test } from "vitest";
import { NameMap } from "../../src/core/name-map.ts";

const NAME = fc.oneof(fc.nat(99).map(String), fc.constantFrom("", "0", "00", "a", "1a", "a1", "-1", "４"));

test("it holds what a map holds, in its order, whatever the names are", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(NAME, fc.option(fc.nat(), { nil: null }))), (steps) => {
      const map = new NameMap<number>();
      const plain = new Map<string, number>();
      for (const [name, value] of steps) {
        if (value === null) map.delete(name);
        else map.set(name, value);
        if (value === null) plain.delete(name);
        else plain.set(name, value);
        expect(map.get(name)).toBe(plain.get(name));
      }
      expect(map.size).toBe(plain.size);
      expect([...map.keys()]).toEqual([...plain.keys()]);
      expect([...map.values()]).toEqual([...plain.values()]);
    }),
  );
});
