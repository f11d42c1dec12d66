// Dependencies that are deprecated, or of another major version than their `latest` tag, each with the reason why.

export const DEPENDENCY_EXCEPTIONS: Readonly<Record<string, string>> = {
  commander: "15 needs Node 22.12; the command line runs on Node 20.19, as package.json says",
  miniflare: "the one that wrangler and @cloudflare/vitest-pool-workers bring; `latest` is the major before it",
  vitest: "@cloudflare/vitest-pool-workers 0.23 needs vitest 4.1",
};
