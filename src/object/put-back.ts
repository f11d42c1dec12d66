// Puts an object's database back to an earlier moment, of which the platform keeps a record (point-in-time recovery). The record is not
// kept by workerd on one's own machine.

import { PUT_BACK, type NotPutBack } from "./queue-stub.ts";

type Bookmarks = Pick<DurableObjectStorage, "getBookmarkForTime" | "onNextSessionRestoreBookmark">;

/** In workerd's words. */
const NO_RECORD = /does not implement point-in-time recovery/;

/**
 * Has the database restored when the object starts again, and ends the object. What has been answered since `to` is lost.
 *
 * @param to ms since 1970, within the time that is recorded
 * @returns only if it could not be done
 * @throws what the platform says against it
 */
export async function putBack(storage: Bookmarks, to: number, abort: (reason: string) => void): Promise<NotPutBack> {
  let bookmark: string;
  try {
    bookmark = await storage.getBookmarkForTime(to);
  } catch (error) {
    if (NO_RECORD.test(String(error))) return { kind: "no-record" };
    throw error;
  }
  await storage.onNextSessionRestoreBookmark(bookmark);
  abort(PUT_BACK);
  // The platform breaks the call off.
  return new Promise(() => {});
}
