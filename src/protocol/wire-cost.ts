// The cost of a queue, as it travels in JSON. Dollars; instants and durations in ms.

export interface WireCostPart {
  /** An operation, or `alarm`, `delivery`, `receive`, `socket`, `history`. */
  readonly name: string;
  /** How often it was run; of `socket`, messages that came. */
  readonly calls: number;
  readonly requests: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Without the time awake. */
  readonly usd: number;
}

/** A period of the calendar, in UTC, up to now. */
export interface WireCostSpan {
  readonly from: number;
  /** When it ends. */
  readonly to: number;
  /** Alarms that were set among them. */
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Calls to the queue's object, alarms that rang among them. */
  readonly requests: number;
  /** That came over sockets; twenty are billed as a request. */
  readonly messages: number;
  /** How long the object was kept awake; an estimate. */
  readonly awakeMs: number;
  readonly usd: number;
  /** The dearest first. */
  readonly parts: readonly WireCostPart[];
}

export interface WireCost {
  /** Without the amounts that a plan includes. */
  readonly prices: {
    readonly date: string;
    readonly source: string;
    readonly perMillion: {
      readonly rowsWritten: number;
      readonly rowsRead: number;
      readonly requests: number;
      readonly gigabyteSeconds: number;
    };
  };
  readonly hour: WireCostSpan;
  readonly day: WireCostSpan;
  readonly month: WireCostSpan;
  /** Of the whole month, if the rest of it is like what has passed of it, or like today. */
  readonly forecast: { readonly likeThisMonth: number; readonly likeToday: number };
}
