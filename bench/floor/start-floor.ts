// Plain workerd with the floor's own Worker, its state below a directory.
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { startWorkerd, type Workerd } from "../measure/start-workerd.ts";

export function startFloor(dir: string): Promise<Workerd> {
  const source = readFileSync(new URL("worker/floor-worker.ts", import.meta.url), "utf8");
  return startWorkerd({
    dir,
    modules: { "floor-worker.js": stripTypeScriptTypes(source) },
    objects: { FLOOR: "FloorObject" },
  });
}
