// What a figure was measured on.
import { cpus, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
}

export function machine(): Machine {
  return { cpu: cpus()[0]?.model ?? "", cores: cpus().length, memoryBytes: totalmem(), node: process.version };
}
