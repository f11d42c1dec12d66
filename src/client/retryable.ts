// Whether a problem passes by itself. The table of problems says it of each code, and a test holds both together; the client goes
// without the table, so that a bundle of it stays small.

/** Whether the same call may succeed later without anybody changing it, also for codes that this version does not know. */
export function passesByItself({ code, status }: { readonly code: string; readonly status: number }): boolean {
  if (code === "auth-not-configured") return false;
  return code === "queue-paused" || /^(408|429|5(?!01))/.test(`${status}`);
}
