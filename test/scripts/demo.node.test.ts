// `npm run demo`, whole, on a small folder: a consumer is really killed, and the check holds.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../../src/serve/workerd-server.ts";
import { built } from "../node/built.ts";
import { finishScript, temporaryFolder } from "./run-script.ts";

/** Folders in folders, an empty file, a file of the same content as another, and names that need care in JSON. */
function folderOf(files: number): string {
  const folder = temporaryFolder();
  for (let index = 0; index < files; index += 1) {
    const inner = join(folder, `folder "${index % 3}"`, "ü");
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `${index}.txt`), "x".repeat(index % 10));
  }
  return folder;
}

test("every file has exactly one committed result though a consumer is killed", async () => {
  const { code, stdout, stderr } = await finishScript("demo.ts", [folderOf(60)]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/killed consumer-[12] with SIGKILL/);
  expect(stdout).toMatch(/OK: 60 of 60 files .* 0 lost, 0 twice, 0 wrong\n$/);
  expect(code).toBe(0);
});

test("a queue that is running already is used, and the demo's queue is gone afterwards", async () => {
  const { configPath } = await built("worker");
  const server = await startServer({ stateDir: temporaryFolder(), configPath, output: "ignore" });
  try {
    const { code, stdout } = await finishScript("demo.ts", [folderOf(1)], { EDGEQ_URL: `${server.url}/` });
    expect(stdout).toContain("OK: 1 of 1 files");
    expect(code).toBe(0);
    const queue = /in queue (demo-\w+)/.exec(stdout)?.[1];
    const answer = await fetch(`${server.url}/v1/queues/${queue}`);
    expect(answer.status).toBe(404);
    await answer.body?.cancel();
  } finally {
    await server.stop();
  }
});

test.each([
  ["a folder that is not there", ["/nowhere/at/all"], "cannot read the folder"],
  ["two folders", [".", "."], "given 2 folders, allowed: 1"],
])("%s ends it with status 1", async (_, args, message) => {
  const { code, stderr } = await finishScript("demo.ts", args);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});

test("an empty folder ends it with status 1", async () => {
  const { code, stderr } = await finishScript("demo.ts", [temporaryFolder()]);
  expect(code).toBe(1);
  expect(stderr).toContain("no files in");
});
