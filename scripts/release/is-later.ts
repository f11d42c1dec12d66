// Which of two versions is later, as far as releases here go: three numbers, nothing after them.

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** False also for a version that is none. */
export function isLater(version: string, than: string): boolean {
  const [, ...parts] = VERSION.exec(version) ?? [];
  const [, ...before] = VERSION.exec(than) ?? [];
  const differing = parts.findIndex((part, index) => part !== before[index]);
  return differing >= 0 && Number(parts[differing]) > Number(before[differing]);
}
