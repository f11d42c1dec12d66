// The path of a request as it was sent. A runtime may hand on what URL parsers would rewrite: `tasks/..` is then a task named
// ".." to its sender and the queue to a parser, so that deleting the one would delete the other.

/** The path of an absolute URL, without its query, exactly as given; "" when it has none. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start === -1) return "";
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}

/** No empty segment (and so no slash at the end), no `.` or `..` in any spelling, nothing that parsers drop or take for a slash. */
const PLAIN = /^(?:\/|(?:\/(?!(?:\.|%2e){1,2}(?:\/|$))[^/\\\s]+)+)$/i;

/** Whether every URL parser reads the path as it stands. */
export function isPlainPath(path: string): boolean {
  return PLAIN.test(path);
}
