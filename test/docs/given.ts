// What the programs of the guides leave to their readers, as globals. Each says what was asked of it.

const say = (...words: unknown[]): void => console.log(...words);

async function ship({ item }: { item: string }): Promise<string> {
  if (item === "none") throw new Error("no such item");
  say(`shipped ${JSON.stringify({ item })}`);
  return item === "closed" || item === "unknown" ? item : "shipped";
}

function outboxRow(order: number): object {
  return { position: String(order), task: { id: `order-${order}/ship`, payload: { order } } };
}

/** A client of a database, and a pool of them. */
const database = {
  query: async (sql: string, parameters?: readonly unknown[]) => {
    say(sql, JSON.stringify(parameters) ?? "");
    return { rowCount: 1, rows: [outboxRow(1), outboxRow(2)] };
  },
};

Object.assign(globalThis, {
  ship,
  client: database,
  db: database,
  inTransaction: (work: (tx: typeof database) => Promise<void>) => work(database),
  cron: { nextRun: (after: Date) => new Date(after.getTime() + 86_400_000) },
  sendReport: async (at: number) => say("report", at),
  report: async () => say("report"),
  send: async (to: string) => say("sent to", to),
  encode: async (video: string, progress: (percent: number) => Promise<unknown>) => {
    await progress(40);
    say(`encoded ${video}`);
  },
  insertRows: async (rows: readonly { n: number }[]) => ({ refused: rows.flatMap(({ n }, at) => (n < 0 ? [at] : [])) }),
  call: async (host: string) =>
    new Response(null, host === "busy" ? { status: 429, headers: { "retry-after": "60" } } : { status: 200 }),
  Order: {
    "~standard": {
      version: 1,
      vendor: "docs",
      validate: ({ item, at }: { item: string; at?: string }) => ({ value: { item, at: new Date(at ?? 0) } }),
    },
  },
  tracing: {
    span: ({ name }: { name: string }, work: (span: object) => unknown) => {
      say("span", name);
      return work({ headers: {}, set: () => {} });
    },
  },
});
