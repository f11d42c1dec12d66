// Payload types that JSON keeps, and what it makes of the others, so that a queue's type does not promise what does not come
// out of it: a Date goes in and text comes out. Types alone; what they let through is checked again when it is sent.

declare const notKept: unique symbol;

/** Stands in the place of a type that cannot be sent as it is. No value has it: the compiler's error says why. */
export interface NotKept<Why extends string> {
  readonly [notKept]: Why;
}

/**
 * What `enqueue` takes of a queue whose claims are of type `Claimed`: the payload itself where JSON keeps each part of it. If a
 * schema makes other values of what is claimed, dates and other objects with a `toJSON` may go in, too.
 */
export type Enqueueable<Payload, Claimed> = KeptWhole<
  Payload,
  // Asked of the payload as a whole: one of several kinds of it is never the same as what is claimed.
  IsSame<Payload, Claimed> extends true ? "exact" : "with toJSON"
>;

type KeptWhole<Payload, Mode extends "exact" | "with toJSON"> = Payload extends Uint8Array
  ? Payload
  : Kept<Payload, Mode>;

/** A payload as it is seen before any schema: what was sent, as JSON has it. */
export type Sent<Payload, Claimed> = IsSame<Payload, Claimed> extends true ? Payload : AsJson<Payload>;

type IsSame<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;

/** A type of any JSON holds itself. It is known as a whole, since taking it apart would not end. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

type Callable = (...given: never[]) => unknown;

type Kept<Value, Mode extends "exact" | "with toJSON"> = unknown extends Value
  ? Value
  : Value extends readonly unknown[]
    ? KeptArray<Value, Mode>
    : Value extends string | number | boolean | null
      ? Value
      : [Value, MayHoldItself<Value>] extends [Json, true]
        ? Value
        : Value extends void | bigint | symbol | Callable
          ? NotKept<"JSON has no word for this">
          : Value extends ArrayBufferView | ArrayBuffer
            ? NotKept<"bytes are a payload of their own, as a Uint8Array, and no part of JSON">
            : Value extends { toJSON: Callable }
              ? Mode extends "exact"
                ? NotKept<"JSON makes something else of this: send what you want to get, or give the queue a schema with validateClaims">
                : Value
              : IsInstance<Value> extends true
                ? NotKept<"an instance of a class comes back as a plain object: send a plain object">
                : { [Name in keyof Value]: KeptProperty<Name, Value[Name], Mode> };

/** The match of a regular expression is an array with properties of its own. */
type KeptArray<Value extends readonly unknown[], Mode extends "exact" | "with toJSON"> = [
  Exclude<keyof Value, keyof unknown[] | `${number}`>,
] extends [never]
  ? [Value, true] extends [Json, MayHoldItself<Value[number]>]
    ? Value
    : { [Index in keyof Value]: Kept<Value[Index], Mode> }
  : NotKept<"JSON drops the properties that an array has beside its elements">;

/**
 * An Error, or a class with private or protected fields, which a copy of its other fields is not. To the compiler, an instance of
 * a class with nothing but public fields is the same as a plain object.
 */
type IsInstance<Value> = Value extends Json
  ? false
  : [Value, keyof Error] extends [Error, keyof Value]
    ? true
    : { [Name in keyof Value]: Value[Name] } extends Value
      ? false
      : true;

/** A property that is undefined is left out, and reads as undefined again. */
type KeptProperty<Name, Value, Mode extends "exact" | "with toJSON"> = [Name, IsData<Value>] extends [symbol, true]
  ? NotKept<"JSON has no names that are symbols">
  : Value extends void
    ? Value
    : Kept<Value, Mode>;

type MayHoldItself<Value> = Value extends readonly unknown[]
  ? true
  : Value extends object
    ? string extends keyof Value
      ? true
      : false
    : false;

/** What is not data under a symbol is a brand, such as `{ readonly [brand]: "Order" }`: it marks a type, and no value has it. */
type IsData<Value> = string extends Value ? true : number extends Value ? true : boolean extends Value ? true : false;

type AsJson<Value> = unknown extends Value
  ? Value
  : Value extends Json | undefined | Uint8Array
    ? Value
    : Value extends { toJSON: (...given: never[]) => infer Json }
      ? Json
      : { [Name in keyof Value]: AsJson<Value[Name]> };
