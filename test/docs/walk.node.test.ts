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

/** Pages that take an installed package and mostly a server, and what they take for granted beside it. Without an account, some are not whole. */
const WITH_A_SERVER: Readonly<Record<string, readonly [blocks: number, given: string]>> = {
  "docs/deploy.md": [2, ""],
  "docs/auth.md": [3, ""],
  "docs/http.md": [1, ""],
  "docs/limits.md": [1, ""],
  "docs/backup.md": [2, "edgeq send orders 1"],
  "docs/cli.md": [
    2,
    `echo '{"item": "pen"}' > orders.jsonl
    echo '{"payload": "ink", "priority": 5}' > tasks.jsonl
    generate() { echo 1; }`,
  ],
  "docs/troubleshooting.md": [2, "edgeq send orders 1\nedgeq send orders-dead 2"],
};

it("pages go as they are shown, with a server", async () => {
  const walk = await (await Walk.begin(pack)).serving();
  try {
    for (const [page, [blocks, given]] of Object.entries(WITH_A_SERVER)) {
      expect({ page, blocks: await walk.page(page, given) }).toEqual({ page, blocks });
    }
  } finally {
    await walk.end();
  }
});

it.each(SHELLS.flatMap((shell) => [["README.md", 5, shell] as const, ["docs/start.md", 19, shell] as const]))(
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
