// A disk of a few megabytes for the server's state, so that it can be filled and emptied. It takes root to mount one; for
// anybody else the state is in a plain folder, and the disk never fills.

import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MEGABYTES = 128;

export class SmallDisk {
  readonly #folder: string;
  /** The server, which is ended at this process's exit too, may still be writing: the kernel unmounts when it has gone. */
  readonly #unmountOnExit = (): void =>
    void execFileSync("umount", ["--lazy", this.#folder], { stdio: "ignore", timeout: 30_000 });

  private constructor(folder: string) {
    this.#folder = folder;
    process.once("exit", this.#unmountOnExit);
  }

  /** null: it cannot be mounted here. */
  static mount(folder: string, megabytes = MEGABYTES): SmallDisk | null {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return null;
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], {
        stdio: "ignore",
        timeout: 30_000,
      });
    } catch {
      return null;
    }
    return new SmallDisk(folder);
  }

  fill(): void {
    const { bavail, bsize } = statfsSync(this.#folder);
    // A little stays, so that some writes begin and cannot end.
    try {
      writeFileSync(join(this.#folder, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - 8_192)));
    } catch (error) {
      // The server has written meanwhile, so the disk is full already.
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  empty(): void {
    rmSync(join(this.#folder, "filler"), { force: true });
  }

  unmount(): void {
    process.off("exit", this.#unmountOnExit);
    execFileSync("umount", [this.#folder], { stdio: "ignore", timeout: 30_000 });
  }
}
