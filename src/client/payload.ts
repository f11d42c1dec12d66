// A payload on its way into JSON and back: JSON values, text under a content type, or bytes. What JSON would quietly change
// or drop is refused, so that what comes out of the queue is what went in.

import type { WireEncoding } from "../protocol/wire-task.ts";
import { InvalidPayloadError } from "./edgeq-error.ts";

export interface EncodedPayload {
  readonly payload: unknown;
  readonly encoding?: WireEncoding;
  readonly contentType?: string;
}

/** Recursion and the server's own limit end here. */
const MAX_DEPTH = 100;

/**
 * Bytes (Uint8Array, ArrayBuffer) become base64; a string with a content type becomes text; all else is JSON.
 *
 * Throws InvalidPayloadError with the path of what cannot be sent: a function, symbol, bigint, NaN or infinity, a cycle,
 * half a surrogate pair, a Map or Set, `undefined` as the payload or in an array. A property that is `undefined` is left
 * out, as JSON does.
 */
export function encodePayload(payload: unknown, contentType?: string): EncodedPayload {
  const bytes = payload instanceof ArrayBuffer ? new Uint8Array(payload) : payload;
  if (bytes instanceof Uint8Array) {
    return { payload: toBase64(bytes), encoding: "base64", ...(contentType === undefined ? {} : { contentType }) };
  }
  if (contentType === undefined) {
    check(payload, "payload", []);
    return { payload };
  }
  if (typeof payload !== "string") {
    throw new InvalidPayloadError(
      "payload",
      "with a contentType the payload is a string, a Uint8Array or an ArrayBuffer",
    );
  }
  check(payload, "payload", []);
  return { payload, encoding: "text", contentType };
}

/** The payload as it was given: a JSON value, text, or a Uint8Array. */
export function decodePayload(payload: unknown, encoding: WireEncoding): unknown {
  return encoding === "base64" ? fromBase64(payload as string) : payload;
}

/** @param above the objects on the way down to this value */
function check(value: unknown, path: string, above: readonly object[]): void {
  switch (typeof value) {
    case "boolean":
      return;
    case "string":
      if (!isWellFormed(value)) throw new InvalidPayloadError(path, "text with half a surrogate pair cannot be sent");
      return;
    case "number":
      if (!Number.isFinite(value)) throw new InvalidPayloadError(path, `${value} is no number in JSON`);
      return;
    case "object":
      if (value !== null) checkObject(value, path, above);
      return;
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
      throw new InvalidPayloadError(
        path,
        `${typeof value === "undefined" ? "undefined" : `a ${typeof value}`} is no JSON`,
      );
  }
}

function checkObject(value: object, path: string, above: readonly object[]): void {
  if (above.includes(value)) throw new InvalidPayloadError(path, "refers back to an object that contains it");
  if (above.length >= MAX_DEPTH) throw new InvalidPayloadError(path, `is nested more than ${MAX_DEPTH} deep`);
  const within = [...above, value];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, within);
    return;
  }
  // A Date and its like say themselves what they are in JSON.
  if ("toJSON" in value && typeof value.toJSON === "function") {
    check((value.toJSON as () => unknown)(), path, within);
    return;
  }
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
    throw new InvalidPayloadError(path, `a ${value.constructor.name} has no form in JSON`);
  }
  for (const [name, item] of Object.entries(value)) {
    if (item !== undefined)
      check(item, /^[\w$]+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`, within);
  }
}

const HALF_PAIR = /\p{Surrogate}/u;

/** String.prototype.isWellFormed, which Node 18 and older browsers lack. */
function isWellFormed(text: string): boolean {
  return !HALF_PAIR.test(text);
}

/** Arguments that one call of a function may have are limited, on some engines to 65,535. */
const CHUNK = 32_768;

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
