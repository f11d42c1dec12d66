// Bytes of a body in pieces of a worthwhile size, however small those are that the client sends. A body in chunks of one byte
// would else cost a promise, an array and a turn of the event loop for each of its bytes.

/** What one read waits for, unless the body ends before. */
const PIECE_BYTES = 65_536;

/** How a read went; "late" when its time was over first. */
export type Piece =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "end" }
  | { readonly kind: "late" };

export class BodyReader {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #late: Promise<Piece>;
  readonly #timer: ReturnType<typeof setTimeout>;

  /** @param limitMs from now on, for the whole body */
  constructor(body: ReadableStream<Uint8Array>, limitMs: number) {
    this.#reader = bytesOf(body);
    const { promise, resolve } = Promise.withResolvers<Piece>();
    this.#late = promise;
    this.#timer = setTimeout(() => resolve({ kind: "late" }), limitMs);
  }

  /** The next bytes; they are the caller's. Rejected when the body breaks off. */
  read(): Promise<Piece> {
    const piece = this.#reader
      .readAtLeast(PIECE_BYTES, new Uint8Array(PIECE_BYTES))
      .then(({ value }): Piece => (value?.byteLength ? { kind: "bytes", bytes: value } : { kind: "end" }));
    return Promise.race([piece, this.#late]);
  }

  /** Another may read on. */
  release(): void {
    clearTimeout(this.#timer);
    this.#reader.releaseLock();
  }

  /** Nobody will: what still comes is not wanted. */
  async cancel(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#reader.cancel().catch(() => {});
  }
}

/** The platform's bodies are streams of bytes. One that a script has made, in a Worker that has this one inside, need not be. */
function bytesOf(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    const { readable, writable } = new IdentityTransformStream();
    // What breaks off there breaks off here.
    void body.pipeTo(writable).catch(() => {});
    return readable.getReader({ mode: "byob" });
  }
}
