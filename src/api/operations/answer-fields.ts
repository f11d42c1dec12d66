// Fields that many answers have.

import { required } from "../schema/object.ts";
import { freeText, integer } from "../schema/scalars.ts";
import { nullable } from "../schema/schema.ts";

const ANY = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

export const count = integer(ANY);
/** An instant. */
export const at = integer({ ...ANY, unit: "ms since 1970" });

/** Where the next page begins. */
export const cursorField = required(nullable(freeText()), "For the next page; null: this is the last.");
