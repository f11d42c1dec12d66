// Where a page of tasks ended, as clients are given it and send it back.

import type { TaskPlace } from "../core/operation.ts";
import { Invalid } from "./invalid.ts";
import { CURSOR } from "./schema/names.ts";
import { matching } from "./schema/scalars.ts";
import { mapped } from "./schema/schema.ts";

/** A key; or an order, a key and, as far as the order needs them, an instant, a priority and a lane. */
const BROWSE_CURSOR =
  /^(?:(claims|arrivals|index|dead)~)?([0-9a-z]{1,11})(?:~([0-9a-z]{1,11}))?(?:~(-?[0-9]{1,3})~([A-Za-z0-9_-]{1,800}))?$/;

export function browseCursor(after: TaskPlace | null): string | null {
  if (after === null) return null;
  if (typeof after === "number") return after.toString(36);
  const { in: order, key, at, lane, priority } = after;
  const instant = at === undefined ? [] : [at.toString(36)];
  const part = lane === undefined ? [] : [String(priority), new TextEncoder().encode(lane).toBase64(BASE64)];
  return [order, key.toString(36), ...instant, ...part].join("~");
}

/** null: it is none. */
export function browsePlace(cursor: string): TaskPlace | null {
  const [match, order, key = "", at, priority, lane] = BROWSE_CURSOR.exec(cursor) ?? [];
  if (match === undefined) return null;
  const after = Number.parseInt(key, 36);
  if (order === undefined) return at === undefined && lane === undefined ? after : null;
  const name = lane === undefined ? undefined : laneIn(lane);
  if (name === null) return null;
  return {
    in: order as "claims" | "arrivals" | "index" | "dead",
    key: after,
    ...(at === undefined ? {} : { at: Number.parseInt(at, 36) }),
    ...(name === undefined ? {} : { lane: name, priority: Number(priority) }),
  };
}

/** As a field of a page. */
export const pageCursor = mapped(matching(BROWSE_CURSOR, CURSOR), (cursor, path) => {
  const after = browsePlace(cursor);
  if (after === null) throw new Invalid(path, cursor, CURSOR);
  return after;
});

const BASE64 = { alphabet: "base64url", omitPadding: true } as const;

function laneIn(encoded: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.fromBase64(encoded, BASE64));
  } catch {
    return null;
  }
}
