// What a benchmark is asked for, by its own options and by npm's.

/** A script as npm starts it says in its environment which options npm itself was given. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `npm run bench --json` asks npm for JSON: npm then announces the script on standard error, so that the benchmark's answer is all
 * that stands on standard output. The benchmark is asked for the same.
 */
export function benchOptions(options: readonly string[], env: Environment): readonly string[] {
  return isJsonOfNpm(env) && !options.includes("--json") ? [...options, "--json"] : options;
}

/** Whether npm has announced the script on standard output, which no script can keep it from. */
export function hasNpmPrinted({
  npm_lifecycle_event: script,
  npm_config_loglevel: level,
  ...env
}: Environment): boolean {
  return script !== undefined && level !== "silent" && !isJsonOfNpm(env);
}

function isJsonOfNpm({ npm_config_json: json }: Environment): boolean {
  return json === "true";
}
