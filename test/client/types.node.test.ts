// What a queue's types promise comes out of it. Checked by the compiler, in `npm run check:types`; a run proves nothing more.

import { describe, expect, expectTypeOf, it } from "vitest";
import { Queue, type Enqueueable, type StandardSchema } from "../../src/client/index.ts";
import { consume, rateLimited, type Consumer, type ConsumerEvents } from "../../src/consumer/index.ts";
import { ScriptedTransport } from "./scripted-transport.ts";

interface Order {
  readonly id: string;
  readonly items: readonly { readonly sku: string; readonly count: number }[];
  readonly note?: string;
  readonly discount: number | undefined;
  readonly coupon: string | null;
}
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
interface Tree {
  readonly children: readonly Tree[];
}
type Texts = string | Texts[] | { texts: Texts };
declare const note: unique symbol;
type Plain<Payload> = Enqueueable<Payload, Payload>;
type Given<Of> = Of extends { enqueue(payload: infer Payload): unknown } ? Payload : never;
type ClaimedFrom<Of> = Of extends { claim(): Promise<readonly { readonly payload: infer Payload }[]> }
  ? Payload
  : never;
type SeenIn<Of> = Of extends {
  browse(): Promise<{ readonly tasks: readonly { readonly payload: infer Payload }[] }>;
}
  ? Payload
  : never;

const transport = new ScriptedTransport();

describe("a payload that JSON keeps", () => {
  it("is taken as it is declared, and comes back so", () => {
    expectTypeOf<Order>().toExtend<Plain<Order>>();
    expectTypeOf<Json>().toExtend<Plain<Json>>();
    expectTypeOf<Tree>().toExtend<Plain<Tree>>();
    expectTypeOf<[string, number]>().toExtend<Plain<[string, number]>>();
    expectTypeOf<"a" | 1 | { kind: "b" }>().toExtend<Plain<"a" | 1 | { kind: "b" }>>();
    expectTypeOf<Uint8Array>().toExtend<Plain<Uint8Array>>();
    expectTypeOf<Record<string, unknown>>().toExtend<Plain<Record<string, unknown>>>();
    expectTypeOf<Texts>().toExtend<Plain<Texts>>();
    expectTypeOf<{ tags: readonly string[]; more: Texts[] }>().toExtend<
      Plain<{ tags: readonly string[]; more: Texts[] }>
    >();
    expectTypeOf<ClaimedFrom<Queue<Order>>>().toEqualTypeOf<Order>();
    expectTypeOf<SeenIn<Queue<Order>>>().toEqualTypeOf<Order>();
  });

  it("may be anything where nothing is declared", () => {
    expectTypeOf<Given<Queue>>().toEqualTypeOf<unknown>();
    expectTypeOf<Plain<{ anything: unknown }>>().toEqualTypeOf<{ anything: unknown }>();
  });
});

describe("a payload that JSON changes or drops does not compile at enqueue", () => {
  it("wherever in it that is", () => {
    expectTypeOf<Date>().not.toExtend<Plain<Date>>();
    expectTypeOf<{ at: Date }>().not.toExtend<Plain<{ at: Date }>>();
    expectTypeOf<{ list: { at?: Date }[] }>().not.toExtend<Plain<{ list: { at?: Date }[] }>>();
    expectTypeOf<{ n: bigint }>().not.toExtend<Plain<{ n: bigint }>>();
    expectTypeOf<{ seen: Map<string, number> }>().not.toExtend<Plain<{ seen: Map<string, number> }>>();
    expectTypeOf<{ seen: Set<number> }>().not.toExtend<Plain<{ seen: Set<number> }>>();
    expectTypeOf<{ bytes: Uint8Array }>().not.toExtend<Plain<{ bytes: Uint8Array }>>();
    expectTypeOf<ArrayBuffer>().not.toExtend<Plain<ArrayBuffer>>();
    expectTypeOf<{ act: () => void }>().not.toExtend<Plain<{ act: () => void }>>();
    expectTypeOf<(number | undefined)[]>().not.toExtend<Plain<(number | undefined)[]>>();
    expectTypeOf<undefined>().not.toExtend<Plain<undefined>>();
    expectTypeOf<symbol>().not.toExtend<Plain<symbol>>();
    expectTypeOf<void>().not.toExtend<Plain<void>>();
    expectTypeOf<RegExpMatchArray>().not.toExtend<Plain<RegExpMatchArray>>();
  });

  it("under a symbol, other than the brand of a type, which no value has", () => {
    expectTypeOf<{ [note]: string }>().not.toExtend<Plain<{ [note]: string }>>();
    expectTypeOf<{ list: { [note]?: number }[] }>().not.toExtend<Plain<{ list: { [note]?: number }[] }>>();
    type Branded = Order & { readonly [note]: "Order" };
    expectTypeOf<Branded>().toExtend<Plain<Branded>>();
    expectTypeOf<Order & { readonly [note]: { Order: true } }>().toExtend<
      Plain<Order & { readonly [note]: { Order: true } }>
    >();
    expectTypeOf<string & { readonly [note]: true }>().toExtend<Plain<string & { readonly [note]: true }>>();
  });

  it("as an Error, but not what says as much in plain words", () => {
    class OutOfPaper extends Error {
      readonly printer = 1;
    }
    interface Contact {
      readonly name: string;
      readonly message: string;
    }
    type Failure = { name: string; message: string; stack?: string; cause?: string };
    expectTypeOf<Error>().not.toExtend<Plain<Error>>();
    expectTypeOf<{ error: OutOfPaper }>().not.toExtend<Plain<{ error: OutOfPaper }>>();
    expectTypeOf<Contact>().toExtend<Plain<Contact>>();
    expectTypeOf<Failure>().toExtend<Plain<Failure>>();
  });

  it("as a class with methods, which would come back without them", () => {
    class Cart {
      readonly items: string[] = [];
      total(): number {
        return this.items.length;
      }
    }
    expectTypeOf<Cart>().not.toExtend<Plain<Cart>>();
  });

  it("as a class with private or protected fields, which a plain object cannot have", () => {
    class Counter {
      readonly #count = 1;
      readonly double = 2 * this.#count;
    }
    class Guarded {
      protected readonly secret = 1;
      readonly open = this.secret;
    }
    expectTypeOf<Counter>().not.toExtend<Plain<Counter>>();
    expectTypeOf<{ list: Guarded[] }>().not.toExtend<Plain<{ list: Guarded[] }>>();
  });

  it("but not as a class with public fields only, which is a plain object to the compiler: that is refused when it is sent", async () => {
    class Point {
      readonly x = 1;
    }
    expectTypeOf<Point>().toExtend<Plain<Point>>();
    await expect(new Queue<Point>("q", { transport }).enqueue(new Point())).rejects.toThrow(
      "payload: class Point without a toJSON() cannot be sent as JSON",
    );
  });

  it("as one of several kinds of payload", () => {
    type Event = { kind: "planned"; at: Date } | { kind: "done" };
    type Taken = Given<Queue<Event>>;
    expectTypeOf<{ kind: "done" }>().toExtend<Taken>();
    expectTypeOf<{ kind: "planned"; at: Date }>().not.toExtend<Taken>();
    expectTypeOf<string | Date>().not.toExtend<Given<Queue<string | Date>>>();
  });

  it("alone or in a batch", () => {
    type Parameter = Parameters<Queue<{ at: Date }>["enqueueBatch"]>[0];
    expectTypeOf<{ payload: { at: Date } }[]>().not.toExtend<Parameter>();
  });
});

describe("with a schema on claims", () => {
  interface Stored {
    readonly at: string;
  }
  interface Read {
    readonly at: Date;
  }
  const schema: StandardSchema<Stored, Read> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => ({ value: { at: new Date((value as Stored).at) } }),
    },
  };
  const queue = new Queue("q", { transport, schema, validateClaims: true });

  it("what goes in is the schema's input, and what comes out its output", () => {
    expectTypeOf<Given<typeof queue>>().toEqualTypeOf<Stored>();
    expectTypeOf<ClaimedFrom<typeof queue>>().toEqualTypeOf<Read>();
    expectTypeOf<SeenIn<typeof queue>>().toEqualTypeOf<Stored>();
    const handle = (): Consumer<Read> => consume<Read>(({ payload }) => payload.at.getTime(), { queue });
    expectTypeOf(handle).toBeFunction();
  });

  it("a date may go in where the schema reads it, and is seen as text before that", () => {
    type Dated = { at: Date | string };
    expectTypeOf<Dated>().toExtend<Enqueueable<Dated, Read>>();
    expectTypeOf<{ seen: Map<string, number> }>().not.toExtend<Enqueueable<{ seen: Map<string, number> }, Read>>();
    expectTypeOf<SeenIn<Queue<Dated, Read>>>().toEqualTypeOf<{ at: string }>();
  });

  it("one that is checked only on its way in does not change what comes out", () => {
    const checked = new Queue("q", { transport, schema });
    expectTypeOf<ClaimedFrom<typeof checked>>().toEqualTypeOf<Stored>();
  });
});

describe("keys", () => {
  it("are text, which a change may take away, and a rest of a key is distinguished from a snooze", () => {
    type Options = NonNullable<Parameters<Queue["enqueue"]>[1]>;
    expectTypeOf<Options["key"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Options["cost"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Parameters<Queue["change"]>[2]["key"]>().toEqualTypeOf<string | null | undefined>();
    expectTypeOf<{ limitKey: true; delayMs: number }>().toExtend<NonNullable<Parameters<Queue["nack"]>[1]>>();
    expectTypeOf<ConsumerEvents["snoozed"]["limitKey"]>().toEqualTypeOf<boolean>();
    expectTypeOf(rateLimited).returns.toExtend<Error>();
  });
});
