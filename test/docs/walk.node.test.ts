// The README and the start page, walked in an empty folder with nothing but Node and the packed package.

import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packed, type Packed } from "../package/packed.ts";
import { Walk } from "./walk-page.ts";

let pack: Packed;

beforeAll(async () => {
  pack = await packed();
});
afterAll(() => pack.remove());

/** zsh does not take `#` for a comment where people type, and other things differ. Where it is installed. */
const SHELLS = ["bash", ...(existsSync("/usr/bin/zsh") ? ["zsh"] : [])];

it.each([
  ["docs/deploy.md", 2],
  ["docs/auth.md", 3],
])("%s goes as it is shown, as far as that goes without an account", async (page, blocks) => {
  const walk = await (await Walk.begin(pack)).installed();
  try {
    expect(await walk.page(page)).toBe(blocks);
  } finally {
    await walk.end();
  }
});

it("docs/http.md goes as it is shown, with a server", async () => {
  const walk = await (await Walk.begin(pack)).serving();
  try {
    expect(await walk.page("docs/http.md")).toBe(1);
  } finally {
    await walk.end();
  }
});

it.each(SHELLS.flatMap((shell) => [["README.md", 5, shell] as const, ["docs/start.md", 17, shell] as const]))(
  "%s goes as it is shown: %d blocks in %s",
  async (page, blocks, shell) => {
    const walk = await Walk.begin(pack, shell);
    try {
      expect(await walk.page(page)).toBe(blocks);
    } finally {
      await walk.end();
    }
  },
);
