// A payload on its way into JSON and back: JSON values, text under a content type, or bytes. Only what JSON keeps exactly is
// sent, so that what comes out of the queue is what went in.

import { JSON_DEPTH } from "../protocol/call-limits.ts";
import type { WireEncoding } from "../protocol/wire-task.ts";
import { InvalidPayloadError } from "./edgeq-error.ts";

/** A payload as it is sent, beside the content type that was given. */
export interface EncodedPayload {
  readonly payload: unknown;
  readonly encoding?: WireEncoding;
}

/**
 * Bytes (Uint8Array, ArrayBuffer) become base64; a string with a content type becomes text; all else is JSON: null, true and
 * false, finite numbers, well-formed text, arrays and plain objects of these, and objects that say by a `toJSON` of their own
 * what they are in JSON, as a Date does. A property that is `undefined` is left out, as JSON does.
 *
 * Throws InvalidPayloadError with the path of anything else: it would come out of the queue as something other than went in,
 * or not at all.
 *
 * @param path where the payload is in what its user gave: `tasks[3].payload`
 */
export function encodePayload(payload: unknown, contentType?: string, path = "payload"): EncodedPayload {
  const bytes = payload instanceof ArrayBuffer ? new Uint8Array(payload) : payload;
  if (bytes instanceof Uint8Array) return { payload: toBase64(bytes), encoding: "base64" };
  if (contentType !== undefined && typeof payload !== "string")
    throw new InvalidPayloadError(path, "with a contentType the payload is a string or bytes");
  const json = jsonValue(payload, path);
  return contentType === undefined ? { payload: json } : { payload: json, encoding: "text" };
}

/**
 * The value itself, or what it is in JSON if any object in it says so itself: a transport other than HTTP knows nothing of `toJSON`.
 * Throws InvalidPayloadError for bytes, and all else that JSON does not keep.
 */
export function jsonValue(value: unknown, path: string): unknown {
  return new Walk(path).sent(value);
}

/**
 * A whole body as JSON. Its payloads were checked before; the rest is checked where it turns out that JSON cannot be made of it: throws
 * InvalidPayloadError then, naming the option.
 */
export function jsonBody(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    new Walk("options").check(body);
    throw error;
  }
}

/** The payload as it was given: a JSON value, text, or a Uint8Array. */
export function decodePayload(payload: unknown, encoding: WireEncoding): unknown {
  return encoding === "base64" ? fromBase64(payload as string) : payload;
}

/** Looks through one payload. */
class Walk {
  /** The objects on the way down to the value that is looked at. */
  readonly #above: object[] = [];
  readonly #names: (string | number)[] = [];
  readonly #path: string;
  #hasToJson = false;

  constructor(path: string) {
    this.#path = path;
  }

  sent(value: unknown): unknown {
    this.check(value);
    return this.#hasToJson ? (JSON.parse(JSON.stringify(value)) as unknown) : value;
  }

  check(value: unknown): void {
    if (typeof value === "object") {
      if (value !== null) this.#checkObject(value);
    } else if (typeof value === "string") {
      if (!value.isWellFormed()) this.#refuse("ill-formed text");
    } else if (typeof value === "number") {
      if (!Number.isFinite(value)) this.#refuse(`${value}`);
      // It would come back as 0.
      if (Object.is(value, -0)) this.#refuse("-0");
    } else if (typeof value !== "boolean") this.#refuse(value === undefined ? "undefined" : `a ${typeof value}`);
  }

  #checkObject(value: object): void {
    const above = this.#above;
    if (above.includes(value)) this.#refuse("a cycle");
    if (above.length >= JSON_DEPTH) this.#refuse(`nesting beyond ${JSON_DEPTH} levels`);
    // A Buffer has a toJSON, but what that gives is no Buffer.
    if (ArrayBuffer.isView(value)) this.#refuse("bytes inside a payload");
    above.push(value);
    if ("toJSON" in value && typeof value.toJSON === "function") {
      this.#hasToJson = true;
      const json = (value.toJSON as () => unknown)();
      // What an invalid date says of itself.
      if (json === null) this.#refuse(`${named(value)} whose toJSON() gives null`);
      this.check(json);
    } else this.#checkParts(value);
    above.pop();
  }

  #checkParts(value: object): void {
    if (Object.getOwnPropertySymbols(value).length > 0) this.#refuse("a symbol's property");
    const prototype = Object.getPrototypeOf(value) as unknown;
    const keys = Object.keys(value);
    if (Array.isArray(value)) {
      if (!isRoot(Object.getPrototypeOf(prototype))) this.#refuse(named(value));
      // By index, so that holes are seen, as undefined.
      for (let index = 0; index < value.length; index += 1) this.#checkPart(index, value[index]);
      // The match of a regular expression is an array with properties, which JSON drops.
      if (keys.length !== value.length) this.#refuse("an array with properties");
      return;
    }
    if (!isRoot(prototype)) this.#refuse(`${named(value)} without a toJSON()`);
    for (const name of keys) {
      const part = (value as Readonly<Record<string, unknown>>)[name];
      if (part !== undefined) this.#checkPart(name, part);
    }
  }

  #checkPart(name: string | number, value: unknown): void {
    this.#names.push(name);
    this.check(name);
    this.check(value);
    this.#names.pop();
  }

  #refuse(what: string): never {
    throw new InvalidPayloadError(this.#path + pathOf(this.#names), `${what} cannot be sent as JSON`);
  }
}

/** `.name`, `[3]` and `["any other text"]`. */
export function pathOf(keys: readonly PropertyKey[]): string {
  const steps = keys.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    const name = String(key);
    return /^[\w$]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  });
  return steps.join("");
}

/** Whether it is no prototype, or one that has none: `Object.prototype` of this realm or another. */
function isRoot(prototype: unknown): boolean {
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function named(value: object): string {
  const { constructor } = value as { readonly constructor?: { readonly name?: unknown } | null };
  return `class ${String(constructor?.name)}`;
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
