// Another commit of edgeq, made ready to be measured beside this one: a git worktree in a temporary folder, built by its own
// build command. What is relied on is little enough to hold for older and newer commits: `npm run build` writes workerd's
// configuration to dist/worker, wrangler.toml names the entry module, and src/index.ts exports the Worker and its objects.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "../../scripts/bundle.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { probeMain } from "../edgeq/start-edgeq.ts";

/** A source tree of edgeq with its two builds: the Worker as it is, and with the bench's meters around it. */
export interface Checkout {
  /** As the tables print it. */
  readonly name: string;
  readonly dir: string;
  /** workerd's configuration of the Worker. */
  readonly configPath: string;
  /** The same of the Worker with its meters. */
  readonly probeConfigPath: string;
}

/** The tree that this bench is part of, as it stands in the files. `dir` is for its builds. */
export async function ownCheckout(dir: string): Promise<Checkout> {
  const { configPath } = await bundle(join(dir, "worker"));
  const { configPath: probeConfigPath } = await bundle(join(dir, "probe"), probeMain);
  return { name: "this tree", dir: PROJECT_DIR, configPath, probeConfigPath };
}

/**
 * Checks a commit out and builds it; removed again when this process exits. The installed packages are shared when the
 * commit's lockfile is the same, and installed anew otherwise.
 *
 * @param ref anything that git understands as a commit: a hash, a branch, `HEAD~3`
 * @param baseDir an existing folder, for the worktree
 */
export function otherCheckout(ref: string, baseDir: string, say: (line: string) => void): Checkout {
  const commit = command("git", ["rev-parse", "--verify", "--short", `${ref}^{commit}`], PROJECT_DIR).trim();
  const dir = join(mkdtempSync(join(baseDir, "edgeq-against-")), "checkout");
  process.once("exit", () => {
    spawnSync("git", ["worktree", "remove", "--force", dir], { cwd: PROJECT_DIR });
    rmSync(dirname(dir), { recursive: true, force: true });
  });
  command("git", ["worktree", "add", "--detach", dir, commit], PROJECT_DIR);
  say(`${ref} is ${commit}: ${command("git", ["log", "-1", "--format=%s"], dir).trim()}`);
  installPackages(dir, say);

  const built = join(dir, "dist/worker");
  const buildTo = (name: string): string => {
    command("npm", ["run", "build"], dir);
    const place = join(dir, "dist", name);
    renameSync(built, place);
    return join(place, "config.capnp");
  };
  const configPath = buildTo("plain");
  wrapInProbe(dir);
  return { name: commit, dir, configPath, probeConfigPath: buildTo("probe") };
}

const lockfile = (root: string): string => readFileSync(join(root, "package-lock.json"), "utf8");

function installPackages(dir: string, say: (line: string) => void): void {
  if (lockfile(dir) === lockfile(PROJECT_DIR)) {
    symlinkSync(join(PROJECT_DIR, "node_modules"), join(dir, "node_modules"));
    return;
  }
  say("its lockfile is another: npm ci");
  command("npm", ["ci"], dir);
}

/** Makes the bench's Worker, of this tree and not of the commit's own bench, the entry module of the checkout. */
function wrapInProbe(dir: string): void {
  const worker = join(dir, "bench/edgeq/worker");
  rmSync(worker, { recursive: true, force: true });
  cpSync(dirname(probeMain), worker, { recursive: true });
  cpSync(join(PROJECT_DIR, "bench/edgeq/counts.ts"), join(dir, "bench/edgeq/counts.ts"));
  const configPath = join(dir, "wrangler.toml");
  const config = readFileSync(configPath, "utf8");
  if (!existsSync(join(dir, "src/index.ts")) || !/^main = .*$/m.test(config)) {
    throw new Error("expected src/index.ts and a wrangler.toml that names the entry module, found another layout");
  }
  writeFileSync(configPath, config.replace(/^main = .*$/m, `main = "bench/edgeq/worker/probe-worker.ts"`));
}

function command(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", timeout: 600_000 });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stderr.slice(-2_000)}`);
}
