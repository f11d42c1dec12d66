// Which compatibility flags the Worker that exports edgeq's objects must have: found when an object starts, named in the log. Not
// an error, since nothing is lost without them.

/** The runtime's own map: names of flags that enable something, with whether they are in force. */
export type RuntimeFlags = Readonly<Record<string, boolean>>;

interface Flag {
  readonly name: string;
  /** A flag that begins with `no_` is not in the map: what it disables is. */
  readonly isSet: (flags: RuntimeFlags) => boolean;
  /** What is worse without it. */
  readonly without: string;
}

const FLAGS: readonly Flag[] = [
  {
    name: "enable_request_signal",
    isSet: (flags) => flags["enable_request_signal"] === true,
    without: "a waiting claim does not notice that its client has gone",
  },
  {
    name: "no_web_socket_compression",
    isSet: (flags) => flags["web_socket_compression"] !== true,
    without: "sockets take more time and memory",
  },
];

let isSaid = false;

/** Once in each isolate. @param flags those of the runtime, by name */
export function warnOfMissingFlags(flags: RuntimeFlags, warn: (text: string) => void): void {
  if (isSaid) return;
  isSaid = true;
  const text = missingFlagsText(flags);
  if (text !== null) warn(text);
}

/** What to tell the owner; null: all flags are there. */
export function missingFlagsText(flags: RuntimeFlags): string | null {
  const missing = FLAGS.filter(({ isSet }) => !isSet(flags));
  if (missing.length === 0) return null;
  const list = missing.map(({ name }) => `"${name}"`).join(", ");
  const why = missing.map(({ name, without }) => `without ${name}, ${without}`).join("; ");
  return `edgeq: add ${list} to compatibility_flags in the wrangler.toml of this Worker: ${why}`;
}
