// A world in one thread: several real queue objects over their stores, a clock, timers, alarms and a network, all driven by
// one seed. Objects run in turns. What a turn writes is committed at its end, and only then does what it sent leave, as the
// platform has it; before and after each commit, and in between at each await, the world may cut: kill the object, lose a
// message or its answer, bring a copy of it late, lose an alarm, bring it late or twice.

import type { Random } from "./random.ts";
import { Wire, type ServerEnd, type SocketClient, type SocketObject } from "./simulated-socket.ts";
import { SimulatedStorage } from "./simulated-storage.ts";

/** Any simulated instant would do: two years after the epoch of the keys. */
const START_AT = 1_800_000_000_000;

export interface SimulatedObject extends SocketObject {
  fetch?(request: { readonly headers: Headers }): Promise<unknown>;
  operate(operation: string, input: unknown): Promise<{ readonly kind: string }>;
  rewind?(to: number): Promise<{ readonly kind: string }>;
  /** Of the directory. */
  rewinding?(name: string): number;
  notRewound?(name: string): void;
  receive(sender: string, messages: readonly Message[]): Promise<unknown>;
  alarm?(): Promise<void>;
}

export interface Message {
  readonly seq: number;
  readonly kind: string;
  readonly body: string;
  readonly payload: unknown;
}

export type ObjectClass = new (ctx: unknown, env: unknown) => SimulatedObject;

/** How much goes wrong. Each a probability. */
export interface Faults {
  readonly cut: number;
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly lateCopy: number;
  readonly lostAlarm: number;
  readonly lateAlarm: number;
  readonly repeatedAlarm: number;
}

export const NO_FAULTS: Faults = {
  cut: 0,
  lostRequest: 0,
  lostAnswer: 0,
  lateCopy: 0,
  lostAlarm: 0,
  lateAlarm: 0,
  repeatedAlarm: 0,
};

/** The label of requests that reach an object which is closed to all others. */
export const ORDERING = "put in order";

interface Event {
  readonly at: number;
  /** Belongs to this life of the host, and dies with it; null: to the network or a client. */
  readonly host: Host | null;
  readonly life: number;
  readonly id: number;
  readonly run: () => Promise<void> | void;
}

/** What a turn leaves behind for when it has been committed. */
interface Turn {
  readonly host: Host;
  readonly labels: Set<string>;
  readonly facts: (() => void)[];
  /** Of what was pushed: after what was answered, which made it ready. */
  readonly pushed: (() => void)[];
  readonly sent: (() => void)[];
}

class Host {
  readonly name: string;
  readonly storage = new SimulatedStorage();
  readonly objectClass: ObjectClass;
  object: SimulatedObject | null = null;
  life = 0;
  isRinging = false;
  /** Nobody reaches it but who puts it in order. */
  isClosed = false;
  /** It ended itself in the turn that runs. */
  isAborted = false;
  /** The time that its object last went by, which never goes backwards while the object lives. */
  time = START_AT;
  /** Calls that wait for an answer of this life. */
  readonly calls = new Set<() => void>();
  /** Calls of this life to others that are unanswered. */
  sending = 0;
  readonly wires = new Map<ServerEnd, Wire>();
  /** The connection whose upgrade is being answered. */
  opening: SocketClient | null = null;

  constructor(name: string, objectClass: ObjectClass) {
    this.name = name;
    this.objectClass = objectClass;
  }
}

export class World {
  readonly random: Random;
  faults: Faults = NO_FAULTS;
  now = START_AT;
  readonly violations: string[] = [];
  /** Cut points hit, each with its count; kept over runs by whoever reads it. */
  readonly cuts: Map<string, number>;
  /** What happened, for the report of a failure. */
  readonly log: string[] = [];
  isLogging = false;
  /** How far the clock of the machine is from the time of the world, since somebody set it. */
  #clockOff = 0;
  readonly #hosts = new Map<string, Host>();
  #events: Event[] = [];
  #nextId = 1;
  #turn: Turn | null = null;
  onTaken: ((receiver: string, sender: string, messages: readonly Message[], outcome: unknown) => void) | null = null;
  /** An object's database is restored by `restore`; nobody has been told yet. */
  onPutBack: ((name: string, restore: () => void) => void) | null = null;
  /** A queue has answered what another object asked of it, and that is on disk. */
  onAsked: ((name: string, operation: string) => void) | null = null;
  /** An object is made anew: it knows only what is on disk. */
  onWake: ((name: string) => void) | null = null;

  constructor(random: Random, cuts: Map<string, number>, hosts: ReadonlyMap<string, Host>) {
    this.random = random;
    this.cuts = cuts;
    this.#hosts = new Map(hosts);
  }

  static hosts(classes: ReadonlyMap<string, ObjectClass>): Map<string, Host> {
    return new Map(Array.from(classes, ([name, objectClass]) => [name, new Host(name, objectClass)]));
  }

  storageOf(name: string): SimulatedStorage {
    return this.#host(name).storage;
  }

  /** What the clock of the machine reads. */
  get clock(): number {
    return this.now + this.#clockOff;
  }

  /** Somebody sets the clock of the machine. */
  setClock(by: number): void {
    this.#cut(by < 0 ? "clock set back" : "clock set forward");
    this.#clockOff += by;
  }

  /** The object whose turn it is goes by this time. */
  goesBy(time: number): void {
    if (this.#turn !== null) this.#turn.host.time = time;
  }

  /** The time that an object went by in its last turn. */
  timeOf(name: string): number {
    return this.#host(name).time;
  }

  /** Makes all hosts as new. */
  reset(): void {
    for (const host of this.#hosts.values()) {
      host.object = null;
      host.life += 1;
      host.isRinging = false;
      host.isAborted = false;
      host.isClosed = false;
      host.calls.clear();
      host.sending = 0;
      host.wires.clear();
      host.storage.reset();
    }
  }

  /** Runs `action` after `delayMs`, outside of every object. */
  later(delayMs: number, action: () => void): void {
    this.#push(null, delayMs, action);
  }

  /** A timer of the object whose turn it is. */
  setTimer(action: () => void, delayMs: number): number {
    const host = this.#turn?.host;
    if (host === undefined) throw new Error("a timer was set outside of every turn");
    return this.#push(host, delayMs, () => this.#run(host, "timer", action));
  }

  clearTimer(id: number): void {
    this.#events = this.#events.filter((event) => event.id !== id);
  }

  /**
   * A client's request. `answered` hears the answer, `failed` that there will be none; `committed` hears what the object
   * answered once that is on disk, whether or not anybody hears the answer.
   *
   * @param isRepeatable false: no copy of it comes late, since nothing would make it harmless
   */
  request(
    name: string,
    label: string,
    call: (object: SimulatedObject) => Promise<{ readonly kind: string }>,
    on: {
      readonly committed: (outcome: { readonly kind: string }) => void;
      readonly answered: (outcome: { readonly kind: string }) => void;
      readonly failed: () => void;
    },
    isRepeatable = true,
  ): void {
    this.#send(name, label, call, on, isRepeatable);
  }

  /** Kills an object between its turns, as a deploy or an eviction does. */
  kill(name: string): void {
    this.#cut("killed at rest");
    this.#kill(this.#host(name));
  }

  /** Lets nobody reach an object but by requests labelled ORDERING, or everybody again. */
  close(name: string, isClosed: boolean): void {
    this.#host(name).isClosed = isClosed;
  }

  /** Puts an object to sleep that has nothing under way: its memory is lost, its sockets stay. */
  hibernate(name: string): void {
    const host = this.#host(name);
    const isIdle = host.calls.size === 0 && host.sending === 0 && !host.isRinging;
    if (host.object === null || !isIdle || this.#events.some((event) => event.host === host)) return;
    this.#cut("asleep");
    host.object = null;
  }

  /** Opens a socket to an object. */
  connect(name: string, grant: unknown, client: SocketClient, opened: (wire: Wire) => void): void {
    const host = this.#host(name);
    const headers = new Headers({ "edgeq-socket-grant": JSON.stringify(grant) });
    this.#push(null, this.random.below(100), async () => {
      await this.#awake(host);
      if (host.object === null) return client.closed();
      await this.#run(host, "socket opened", () => {
        host.opening = client;
        void host.object?.fetch?.({ headers });
        host.opening = null;
        const wire = [...host.wires.values()].at(-1);
        if (wire !== undefined) this.#turn?.sent.push(() => opened(wire));
      });
    });
  }

  /** Lets the next thing happen; false when nothing will ever happen by itself. */
  async step(): Promise<boolean> {
    const alarms = [...this.#hosts.values()].filter(
      ({ storage, isRinging, isClosed }) => storage.alarmAt !== null && !isRinging && !isClosed,
    );
    const times = [
      ...this.#events.map(({ at }) => at),
      ...alarms.map(({ storage }) => (storage.alarmAt ?? 0) - this.#clockOff),
    ];
    if (times.length === 0) return false;
    this.now = Math.max(this.now, Math.min(...times));
    const due = this.#events.filter(({ at }) => at <= this.now);
    const ringing = alarms.filter(({ storage }) => (storage.alarmAt ?? 0) <= this.clock);
    const choice = this.random.below(due.length + ringing.length);
    const event = due[choice];
    if (event !== undefined) {
      this.#events = this.#events.filter((other) => other !== event);
      if (event.host === null || event.host.life === event.life) await event.run();
      return true;
    }
    const host = ringing[choice - due.length];
    if (host !== undefined) await this.#ring(host);
    return true;
  }

  #push(host: Host | null, delayMs: number, run: () => Promise<void> | void): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#events.push({ at: this.now + Math.max(0, delayMs), host, life: host?.life ?? 0, id, run });
    return id;
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  /** One turn of an object: it runs until it waits for something outside, then its writes are committed, then it is heard. */
  async #run(host: Host, label: string, body: () => void): Promise<void> {
    const turn: Turn = { host, labels: new Set([label]), facts: [], pushed: [], sent: [] };
    this.#turn = turn;
    host.storage.begin();
    body();
    // All that needs nothing from outside has run when the loop comes round.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#turn = null;
    const name = [...turn.labels].toSorted().join("+");
    if (this.isLogging) this.log.push(`${this.now - START_AT} ${host.name}: ${name}`);
    if (host.isAborted) {
      host.isAborted = false;
      host.storage.rollback();
      this.#cut("put back");
      const restore = (): void => {
        if (!host.storage.restore()) this.#violation(`${host.name} ended itself`);
      };
      if (this.onPutBack === null) restore();
      else this.onPutBack(host.name, restore);
      this.#kill(host);
      return;
    }
    if (this.random.chance(this.faults.cut)) {
      this.#cut(`before the commit of ${name}`);
      host.storage.rollback();
      this.#kill(host);
      return;
    }
    host.storage.commit();
    for (const fact of [...turn.facts, ...turn.pushed]) fact();
    if (this.random.chance(this.faults.cut)) {
      this.#cut(`after the commit of ${name}`);
      this.#kill(host);
      return;
    }
    for (const send of turn.sent) send();
  }

  async #awake(host: Host): Promise<void> {
    if (host.object !== null) return;
    const env = {
      QUEUE: { getByName: (name: string) => this.#stub(host, name) },
      DIRECTORY: { getByName: () => this.#stub(host, "@directory") },
    };
    const ctx = {
      id: { name: host.name },
      getWebSockets: () => [...host.wires.keys()],
      acceptWebSocket: (socket: ServerEnd) => this.#accept(host, socket),
      setWebSocketAutoResponse: () => {},
      storage: host.storage,
      waitUntil: (promise: Promise<unknown>) => {
        promise.catch((error: unknown) => this.#violation(`${host.name} rejected: ${String(error)}`));
      },
      blockConcurrencyWhile: (body: () => Promise<unknown>) => body(),
      abort: () => (host.isAborted = true),
    };
    this.onWake?.(host.name);
    await this.#run(host, "wake", () => {
      host.object = new host.objectClass(ctx, env);
    });
  }

  #accept(host: Host, socket: ServerEnd): void {
    if (host.opening === null) throw new Error("a socket was accepted that nobody opens");
    const wire: Wire = new Wire(
      socket,
      {
        run: async (label, body) => {
          await this.#awake(host);
          const { object } = host;
          if (object !== null) await this.#run(host, label, () => body(object));
        },
        afterCommit: (fact, send) => {
          if (this.#turn?.host !== host) throw new Error("a socket was written to outside of every turn");
          this.#turn.pushed.push(fact);
          this.#turn.sent.push(send);
        },
        later: (delayMs, action) => void this.#push(null, delayMs, action),
        below: (limit) => this.random.below(limit),
        breaks: () => {
          const isBroken = this.random.chance(this.faults.lostRequest);
          if (isBroken) this.#cut("socket broken");
          return isBroken;
        },
        forget: () => void host.wires.delete(socket),
      },
      host.opening,
    );
    host.wires.set(socket, wire);
  }

  /** How an object calls another: what it sends leaves when the turn is committed. */
  #stub(sender: Host, name: string) {
    return {
      // A report that is lost is mended by the next; nothing that is simulated depends on one.
      report: () => Promise.resolve(true),
      receive: (senderName: string, messages: readonly Message[]) => {
        const sent = structuredClone(messages);
        const kinds = [...new Set(sent.map(({ kind }) => kind))].toSorted().join("+");
        const receive = (object: SimulatedObject): Promise<{ readonly kind: string }> =>
          object.receive(senderName, structuredClone(sent)) as never;
        const taken = (outcome: unknown): void => this.onTaken?.(name, senderName, sent, outcome);
        return this.#ask(sender, kinds, (on) => this.#send(name, `receive ${kinds}`, receive, on), taken);
      },
      // Told so by the directory: a second copy would be another life.
      operate: (operation: string, input: unknown) => {
        const operate = (object: SimulatedObject): Promise<{ readonly kind: string }> =>
          object.operate(operation, structuredClone(input));
        const asked = (): void => this.onAsked?.(name, operation);
        return this.#ask(sender, operation, (on) => this.#send(name, ORDERING, operate, on, false), asked);
      },
    };
  }

  /** A call of one object to another, which leaves when the turn of the caller is committed. */
  #ask(
    sender: Host,
    what: string,
    send: (on: Parameters<World["request"]>[3]) => void,
    committed: (outcome: unknown) => void,
  ): Promise<unknown> {
    const { life } = sender;
    sender.sending += 1;
    return new Promise((resolve, reject) => {
      const atSender = (label: string, body: () => void): void => {
        this.#push(null, 0, () => {
          if (sender.life !== life) return undefined;
          sender.sending -= 1;
          return this.#run(sender, label, body);
        });
      };
      const on: Parameters<World["request"]>[3] = {
        committed,
        answered: (outcome) => atSender(`answer to ${what}: ${outcome.kind}`, () => resolve(outcome)),
        failed: () => atSender(`no answer to ${what}`, () => reject(new Error("the network is down"))),
      };
      this.#turn?.sent.push(() => send(on));
    });
  }

  #send(
    name: string,
    label: string,
    call: (object: SimulatedObject) => Promise<{ readonly kind: string }>,
    on: Parameters<World["request"]>[3],
    isRepeatable = true,
  ): void {
    const host = this.#host(name);
    const { faults, random } = this;
    const answer = { isGiven: false };
    const once = (act: () => void): void => {
      if (answer.isGiven) return;
      answer.isGiven = true;
      act();
    };
    const arrive = (isCopy: boolean) => async (): Promise<void> => {
      if (host.isClosed && label !== ORDERING) {
        if (!isCopy) once(on.failed);
        return;
      }
      await this.#awake(host);
      if (host.object === null) {
        if (!isCopy) once(on.failed);
        return;
      }
      const failed = (): void => {
        if (!isCopy) this.#push(null, random.below(50), () => once(on.failed));
      };
      host.calls.add(failed);
      const object = host.object;
      const answering = async (): Promise<void> => {
        const outcome = await call(object);
        host.calls.delete(failed);
        const turn = this.#turn;
        if (turn === null) throw new Error("an answer came outside of every turn");
        turn.labels.add(`${label} → ${outcome.kind}`);
        turn.facts.push(() => on.committed(outcome));
        turn.sent.push(() => {
          if (isCopy) return;
          const isLost = random.chance(faults.lostAnswer);
          if (isLost) this.#cut(`answer lost: ${label} → ${outcome.kind}`);
          this.#push(null, random.below(50), () => once(isLost ? on.failed : () => on.answered(outcome)));
        });
        // A cut after the commit is heard by the caller as a broken call.
        if (!isCopy) host.calls.add(failed);
        turn.sent.push(() => host.calls.delete(failed));
      };
      await this.#run(host, label, () => {
        answering().catch((error: unknown) => this.#violation(`${label} at ${name} threw: ${String(error)}`));
      });
    };
    if (isRepeatable && random.chance(faults.lateCopy)) {
      this.#cut(`late copy: ${label}`);
      this.#push(null, random.below(random.chance(0.5) ? 5_000 : 3 * 3_600_000), arrive(true));
    }
    if (random.chance(faults.lostRequest)) {
      this.#cut(`request lost: ${label}`);
      this.#push(null, random.below(500), () => once(on.failed));
    } else {
      this.#push(null, random.below(100), arrive(false));
    }
  }

  async #ring(host: Host): Promise<void> {
    const { storage } = host;
    if (this.random.chance(this.faults.lostAlarm)) {
      this.#cut("alarm lost");
      storage.moveAlarm(null);
      return;
    }
    if (this.random.chance(this.faults.lateAlarm)) {
      this.#cut("alarm late");
      storage.moveAlarm(this.clock + this.random.below(10 * 60_000));
      return;
    }
    const isRepeated = this.random.chance(this.faults.repeatedAlarm);
    if (isRepeated) this.#cut("alarm repeated");
    await this.#awake(host);
    const { object, life } = host;
    if (object?.alarm === undefined) return;
    host.isRinging = true;
    storage.moveAlarm(null);
    const ringing = async (): Promise<void> => {
      await object.alarm?.();
      if (host.life !== life) return;
      // It has not come to its end before that is on disk.
      this.#turn?.facts.push(() => {
        host.isRinging = false;
        if (isRepeated) this.#push(null, 1, () => this.#ringAgain(host));
      });
    };
    await this.#run(host, "alarm", () => {
      ringing().catch((error: unknown) => this.#violation(`the alarm of ${host.name} threw: ${String(error)}`));
    });
  }

  #ringAgain(host: Host): void {
    if (host.storage.alarmAt === null && !host.isRinging) host.storage.moveAlarm(this.now);
  }

  #kill(host: Host): void {
    // The platform rings again for a handler that did not come to its end.
    if (host.isRinging && host.storage.alarmAt === null) host.storage.moveAlarm(this.clock + 2_000);
    host.isRinging = false;
    host.object = null;
    host.life += 1;
    this.#events = this.#events.filter((event) => event.host !== host);
    const calls = [...host.calls];
    host.calls.clear();
    host.sending = 0;
    for (const failed of calls) failed();
    const wires = [...host.wires.values()];
    host.wires.clear();
    for (const wire of wires) wire.died();
  }

  #cut(point: string): void {
    this.cuts.set(point, (this.cuts.get(point) ?? 0) + 1);
    if (this.isLogging) this.log.push(`${this.now - START_AT} cut: ${point}`);
  }

  #violation(text: string): void {
    this.violations.push(text);
  }
}
