// A minimal beanstalkd client: one connection, commands answered in order, as beanstalkd's protocol.txt
// says. Written here, a hundred lines, so that no client's own costs stand between load and server; jackd,
// which has releases (2.2.2 of October 2025), was not tried.
import { connect, type Socket } from "node:net";

export interface Reserved {
  readonly id: string;
  readonly payload: string;
}

interface Waiting {
  resolve(answer: { line: string; body: string }): void;
  reject(reason: Error): void;
}

const newline = Buffer.from("\r\n");

export class BeanstalkdClient {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #unread: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("beanstalkd closed the connection")));
  }

  static connect(port: number): Promise<BeanstalkdClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new BeanstalkdClient(socket));
      });
    });
  }

  /** From now on puts into this tube and reserves from this tube only. */
  async useOnly(tube: string): Promise<void> {
    await this.#ask(`use ${tube}\r\n`, "USING");
    await this.#ask(`watch ${tube}\r\n`, "WATCHING");
    await this.#ask("ignore default\r\n", "WATCHING");
  }

  async put(payload: string, timeToRunSeconds: number): Promise<void> {
    await this.#ask(`put 0 0 ${timeToRunSeconds} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`, "INSERTED");
  }

  /** Null when none came within the time; 0 seconds answers at once. */
  async reserve(waitSeconds: number): Promise<Reserved | null> {
    const { line, body } = await this.#ask(
      `reserve-with-timeout ${waitSeconds}\r\n`,
      "RESERVED",
      "TIMED_OUT",
      "DEADLINE_SOON",
    );
    return line.startsWith("RESERVED") ? { id: line.split(" ")[1] ?? "", payload: body } : null;
  }

  async delete(id: string): Promise<void> {
    await this.#ask(`delete ${id}\r\n`, "DELETED");
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
    this.#fail(new Error("closed"));
  }

  async #ask(command: string, ...expected: string[]): Promise<{ line: string; body: string }> {
    const answer = await new Promise<{ line: string; body: string }>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(command);
    });
    if (expected.includes(answer.line.split(" ")[0] ?? "")) return answer;
    throw new Error(`beanstalkd: expected ${expected.join(" or ")}, found ${answer.line}`);
  }

  #read(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const lineEnd = this.#unread.indexOf(newline);
      if (lineEnd === -1) return;
      const line = this.#unread.toString("latin1", 0, lineEnd);
      // Of the commands used here only RESERVED has a body: "RESERVED <id> <bytes>", the body, a newline.
      const bodyBytes = line.startsWith("RESERVED") ? Number(line.split(" ")[2]) : -1;
      const end = bodyBytes === -1 ? lineEnd + 2 : lineEnd + 2 + bodyBytes + 2;
      if (this.#unread.length < end) return;
      const body = bodyBytes === -1 ? "" : this.#unread.toString("utf8", lineEnd + 2, end - 2);
      this.#unread = this.#unread.subarray(end);
      this.#waiting.shift()?.resolve({ line, body });
    }
  }

  #fail(reason: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(reason);
  }
}
