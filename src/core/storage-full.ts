// An error that says that there is no room to write.

/** SQLite's words, on a full disk and on Cloudflare at an object's 10 GB alike. */
const STORAGE_FULL = /SQLITE_FULL|database or disk is full/;

export function isStorageFull(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("message" in error)) return false;
  return typeof error.message === "string" && STORAGE_FULL.test(error.message);
}
