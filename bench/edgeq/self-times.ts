// A CPU profile as a list: each function with its own share of the time, callees excluded.

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly name: string;
  /** 0 to 1, of all the time that was profiled. */
  readonly share: number;
  readonly ms: number;
}

/** The most expensive first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, lineNumber } }) => [
      id,
      lineNumber < 0 ? functionName : `${functionName || "(anonymous)"}:${lineNumber + 1}`,
    ]),
  );
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    const name = names.get(id) ?? "?";
    times.set(name, (times.get(name) ?? 0) + delta);
    total += delta;
  }
  return [...times]
    .map(([name, time]) => ({ name, share: time / total, ms: time / 1000 }))
    .sort((a, b) => b.share - a.share);
}
