// A payload on its way into JSON and back: JSON values, text under a content type, or bytes. Only what JSON keeps exactly is
// sent, so that what comes out of the queue is what went in.

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
 * Bytes (Uint8Array, ArrayBuffer) become base64; a string with a content type becomes text; all else is JSON: null, true and
 * false, finite numbers, well-formed text, arrays and plain objects of these, and objects that say by a `toJSON` of their own
 * what they are in JSON, as a Date does. A property that is `undefined` is left out, as JSON does.
 *
 * Throws InvalidPayloadError with the path of anything else: it would come out of the queue as something other than went in,
 * or not at all.
 */
export function encodePayload(payload: unknown, contentType?: string): EncodedPayload {
  return measuredPayload(payload, contentType).encoded;
}

/** As `encodePayload`, with about how many characters the payload takes in a body, which the check learns on its way. */
export function measuredPayload(
  payload: unknown,
  contentType?: string,
): { readonly encoded: EncodedPayload; readonly length: number } {
  const bytes = payload instanceof ArrayBuffer ? new Uint8Array(payload) : payload;
  if (bytes instanceof Uint8Array) {
    const text = toBase64(bytes);
    const encoded = {
      payload: text,
      encoding: "base64",
      ...(contentType === undefined ? {} : { contentType }),
    } as const;
    return { encoded, length: text.length };
  }
  if (contentType !== undefined && typeof payload !== "string") {
    throw new InvalidPayloadError(
      "payload",
      "with a contentType the payload is a string, a Uint8Array or an ArrayBuffer",
    );
  }
  const length = lengthOf(payload, new Place());
  return { encoded: contentType === undefined ? { payload } : { payload, encoding: "text", contentType }, length };
}

/** The payload as it was given: a JSON value, text, or a Uint8Array. */
export function decodePayload(payload: unknown, encoding: WireEncoding): unknown {
  return encoding === "base64" ? fromBase64(payload as string) : payload;
}

/** Where in the payload the check stands. Written out only when something is refused. */
class Place {
  /** The objects on the way down to this value. */
  readonly above: object[] = [];
  readonly #names: (string | number)[] = [];

  enter(name: string | number): void {
    this.#names.push(name);
  }

  leave(): void {
    this.#names.pop();
  }

  refuse(reason: string): InvalidPayloadError {
    const path = this.#names.map((name) => {
      if (typeof name === "number") return `[${name}]`;
      return /^[\w$]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    });
    return new InvalidPayloadError(`payload${path.join("")}`, reason);
  }
}

/** What a number takes at most, near enough: writing it to know would cost more than all else here. */
const NUMBER_LENGTH = 12;

/** @returns about how many characters the value takes as JSON */
function lengthOf(value: unknown, place: Place): number {
  switch (typeof value) {
    case "boolean":
      return 5;
    case "string":
      if (!isWellFormed(value)) throw place.refuse("text with half a surrogate pair cannot be sent");
      return value.length + 2;
    case "number":
      if (!Number.isFinite(value)) throw place.refuse(`${value} is no number in JSON`);
      if (Object.is(value, -0)) throw place.refuse("-0 would come back as 0");
      return NUMBER_LENGTH;
    case "object":
      return value === null ? 4 : lengthOfObject(value, place);
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
    default:
      throw place.refuse(`${typeof value === "undefined" ? "undefined" : `a ${typeof value}`} is no JSON`);
  }
}

function lengthOfObject(value: object, place: Place): number {
  const { above } = place;
  if (above.includes(value)) throw place.refuse("refers back to an object that contains it");
  if (above.length >= MAX_DEPTH) throw place.refuse(`is nested more than ${MAX_DEPTH} deep`);
  // A Buffer has a toJSON, but what that gives is no Buffer.
  if (ArrayBuffer.isView(value)) throw place.refuse("bytes within JSON cannot be sent: make them text, or a payload");
  above.push(value);
  const length = lengthOfParts(value, place);
  above.pop();
  return length;
}

function lengthOfParts(value: object, place: Place): number {
  if ("toJSON" in value && typeof value.toJSON === "function") {
    const json = (value.toJSON as () => unknown)();
    // What an invalid date says of itself.
    if (json === null)
      throw place.refuse(`${named(value)} that is null in JSON, such as an invalid date, cannot be sent`);
    return lengthOf(json, place);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) throw place.refuse("a property under a symbol cannot be sent");
  if (Array.isArray(value)) return lengthOfArray(value, place);
  if (!isRoot(Object.getPrototypeOf(value))) {
    throw place.refuse(`${named(value)} is no plain object and has no toJSON(): JSON would not bring it back as it is`);
  }
  let length = 2;
  for (const name of Object.keys(value)) {
    const part = (value as Readonly<Record<string, unknown>>)[name];
    if (part === undefined) continue;
    place.enter(name);
    if (!isWellFormed(name)) throw place.refuse("a name with half a surrogate pair cannot be sent");
    length += name.length + 4 + lengthOf(part, place);
    place.leave();
  }
  return length;
}

function lengthOfArray(array: readonly unknown[], place: Place): number {
  if (!isRoot(Object.getPrototypeOf(Object.getPrototypeOf(array)))) {
    throw place.refuse(`${named(array)} would come back as a plain array`);
  }
  let length = 2;
  // By index, so that holes are seen, as undefined.
  for (let index = 0; index < array.length; index += 1) {
    place.enter(index);
    length += 1 + lengthOf(array[index], place);
    place.leave();
  }
  // The match of a regular expression is an array with properties, which JSON drops.
  if (Object.keys(array).length !== array.length)
    throw place.refuse("an array with properties of its own cannot be sent");
  return length;
}

/** Whether it is no prototype, or one that has none: `Object.prototype` of this realm or another. */
function isRoot(prototype: unknown): boolean {
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function named(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return `a value of class ${typeof constructor === "function" ? constructor.name : "unknown"}`;
}

const HALF_PAIR = /\p{Surrogate}/u;

/** String.prototype.isWellFormed, which older browsers lack. */
export function isWellFormed(text: string): boolean {
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
