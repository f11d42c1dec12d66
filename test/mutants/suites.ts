// The suites that mutants are run against, by name: what is run, and how the one that found the fault is told from its output.

export type SuiteName = keyof typeof SUITES;

interface Suite {
  readonly command: readonly string[];
  /** The line that names the test, or the run, that failed. */
  readonly failure: RegExp;
}

function tests(project: "node*" | "workers", ...folders: readonly string[]): Suite {
  return {
    command: ["vitest", "run", "--project", project, "--bail=1", "--reporter=verbose", ...folders],
    failure: /^\s*(?:×|FAIL)\s+(.*?)(?:\s\d+ms)?$/m,
  };
}

export const SUITES = {
  /** Core, contract, model, store and upgrade together: to start them takes longer than to run them. */
  rules: tests("node*", "test/core", "test/contract", "test/queue", "test/store", "test/upgrade"),
  simulation: {
    command: ["node", "test/simulation/simulate.ts", "--runs", "2000"],
    failure: /^(seed \d+: .*)$/m,
  },
  keys: {
    command: ["node", "test/simulation/simulate.ts", "--of", "keys", "--runs", "2000"],
    failure: /^(seed \d+: .*)$/m,
  },
  rewinds: {
    command: ["node", "test/simulation/simulate.ts", "--of", "rewinds", "--runs", "1000"],
    failure: /^(seed \d+: .*)$/m,
  },
  "contract on objects": tests("workers", "test/contract"),
  object: tests("workers", "test/object"),
  sockets: tests("node*", "test/object"),
  http: tests("workers", "test/http"),
  client: tests("node*", "test/client"),
  consumer: tests("node*", "test/consumer"),
  torture: {
    command: ["node", "test/torture/torture.ts", "--minutes", "0.7", "--seed", "3"],
    failure: /^((?:[PK]\d+|counts): .*|ended by themselves: .*)$/m,
  },
} as const satisfies Readonly<Record<string, Suite>>;
