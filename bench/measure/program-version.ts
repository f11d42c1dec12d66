// The version that a program prints of itself.
import { spawnSync } from "node:child_process";

/** The first thing in its output that looks like a version; "unknown" if there is none. */
export function programVersion(program: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 20_000 });
  return /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? "unknown";
}
