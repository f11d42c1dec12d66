// A TCP proxy between everybody and the server, which does to connections what networks do: cuts them at any byte, holds what
// they carry, sends a request twice, leaves them half open, and reads slowly.

import { createServer, connect, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Random } from "../simulation/random.ts";
import type { HistoryFile } from "./history.ts";
import { CALL_HEADER, SOCKET_HEADER } from "./wire-recorder.ts";

/** How likely each fault is: for a connection or a piece of what it carries. */
export interface Weather {
  readonly name: string;
  /** A piece ends its connection, in the midst of it. */
  readonly cut?: number;
  /** A piece waits. */
  readonly delay?: number;
  /** A whole request is sent a second time, on a connection of its own. */
  readonly repeat?: number;
  /** A connection carries nothing any more, in one direction, and stays open for a while. */
  readonly halfOpen?: number;
  /** The server's answers are taken slowly. */
  readonly slow?: number;
}

export const CALM: Weather = { name: "calm" };

/** What is held is given up after this long: see LATE_MS of the checker. */
const HALF_OPEN_MS = 3_000;
const MOST_DELAY_MS = 800;
const SLOW_MS = 150;

export class FaultProxy {
  readonly #server: Server;
  readonly #history: HistoryFile;
  readonly #random: Random;
  readonly #target: () => number;
  readonly #open = new Set<Socket>();
  weather: Weather = CALM;

  private constructor(history: HistoryFile, random: Random, target: () => number) {
    this.#history = history;
    this.#random = random;
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: false }, (client) => this.#accept(client));
  }

  /** @param target the port where the server listens */
  static async listen(history: HistoryFile, random: Random, target: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(history, random, target);
    await new Promise<void>((fulfil) => proxy.#server.listen(0, "127.0.0.1", fulfil));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #accept(client: Socket): void {
    const server = connect(this.#target(), "127.0.0.1");
    let socketName: string | null = null;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      // Before the server can know: it may give away what the socket held as soon as it does.
      if (socketName !== null) this.#history.write({ kind: "cut", socket: socketName });
      for (const side of [client, server]) {
        this.#open.delete(side);
        side.destroy();
      }
    };
    for (const side of [client, server]) {
      this.#open.add(side);
      side.setNoDelay(true);
      side.on("error", end);
      side.on("close", end);
    }
    this.#carry(client, server, end, (piece) => {
      socketName ??= headerOf(piece, SOCKET_HEADER);
      this.#maybeRepeat(piece);
    });
    this.#carry(server, client, end, null);
  }

  /** @param look given for what goes to the server */
  #carry(from: Socket, to: Socket, end: () => void, look: ((piece: Buffer) => void) | null): void {
    let isStuck = false;
    let passed = Promise.resolve();
    from.on("data", (piece: Buffer) => {
      if (isStuck) return;
      const { cut = 0, delay = 0, halfOpen = 0, slow = 0 } = this.weather;
      const random = this.#random;
      look?.(piece);
      if (random.chance(halfOpen)) {
        isStuck = true;
        setTimeout(end, HALF_OPEN_MS);
        return;
      }
      const isCut = random.chance(cut);
      const part = isCut ? piece.subarray(0, random.below(piece.length)) : piece;
      const waitMs = random.chance(delay)
        ? random.below(MOST_DELAY_MS)
        : look === null && random.chance(slow)
          ? SLOW_MS
          : 0;
      if (waitMs > 0) {
        from.pause();
        passed = held(passed, waitMs, from);
      }
      passed = passOn(passed, to, part, isCut ? end : null);
    });
  }

  #maybeRepeat(piece: Buffer): void {
    const { repeat = 0 } = this.weather;
    if (!this.#random.chance(repeat) || !isWholeRequest(piece)) return;
    const call = headerOf(piece, CALL_HEADER);
    if (call === null) return;
    this.#history.write({ kind: "repeated", n: call });
    const copy = connect(this.#target(), "127.0.0.1");
    this.#open.add(copy);
    copy.on("error", () => copy.destroy());
    copy.on("close", () => this.#open.delete(copy));
    copy.setTimeout(HALF_OPEN_MS, () => copy.destroy());
    copy.resume();
    copy.write(piece);
  }
}

/** In its turn, after what came before it. */
async function passOn(before: Promise<void>, to: Socket, part: Buffer, end: (() => void) | null): Promise<void> {
  await before;
  to.write(part);
  end?.();
}

async function held(before: Promise<void>, waitMs: number, from: Socket): Promise<void> {
  await before;
  await new Promise((fulfil) => setTimeout(fulfil, waitMs));
  from.resume();
}

function headerOf(piece: Buffer, name: string): string | null {
  if (!/^[A-Z]+ \//.test(piece.toString("latin1", 0, 12))) return null;
  return new RegExp(`^${name}: ([^\r]*)`, "im").exec(piece.toString("latin1"))?.[1] ?? null;
}

/** Whether a piece is one request from its first byte to its last. */
function isWholeRequest(piece: Buffer): boolean {
  const text = piece.toString("latin1");
  const head = text.indexOf("\r\n\r\n");
  if (head < 0 || !/^(POST|PATCH|DELETE) /.test(text)) return false;
  return Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0) === text.length - head - 4;
}
