// edgeq: the client and the consumer under one name. Bundlers keep what is used.

export * from "./client/index.ts";
export * from "./consumer/index.ts";
