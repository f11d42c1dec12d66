// The text shown when the server is up: where it is, who may use it, where its data is, and lines to paste.

export interface Served {
  readonly url: string;
  /** False: every request needs a token. */
  readonly isOpen: boolean;
  readonly stateDir: string;
}

/** For a checkout, where there is no `edgeq` command. `-d` with a content type, for curl before 7.82 has no `--json`. */
export function quickStartWithCurl({ url, isOpen, stateDir }: Served): string {
  const curl = isOpen ? "curl -s" : 'curl -s -H "Authorization: Bearer $TOKEN"';
  const post = `${curl} -H 'Content-Type: application/json' ${url}/v1/queues/hello`;
  return [
    isOpen
      ? openLine(url)
      : `${keysLine(url)} TOKEN=$(npm run -s token -- --queue hello --can enqueue,claim), and try:`,
    `  ${post}/tasks -d '{"payload":"hello"}'`,
    `  CLAIM=$(${post}/claim -d '{"waitMs":5000}' | tee /dev/stderr | sed 's/.*"claim":"\\([^"]*\\).*/\\1/')`,
    `  ${post}/ack -d "{\\"claims\\":[\\"$CLAIM\\"]}"`,
    stateLine(stateDir),
  ].join("\n");
}

/** For those who have the package. */
export function quickStartWithCli({ url, isOpen, stateDir }: Served): string {
  const isDefault = url === "http://127.0.0.1:8787";
  const edgeq = isDefault ? "npx edgeq" : `npx edgeq --url ${url}`;
  return [
    isOpen
      ? openLine(url)
      : `${keysLine(url)} export EDGEQ_TOKEN=$(npx edgeq token --queue hello --can enqueue claim), and try:`,
    `  ${edgeq} send hello '{"to": "world"}'`,
    `  ${edgeq} work hello cat`,
    stateLine(stateDir),
  ].join("\n");
}

function openLine(url: string): string {
  return `edgeq is at ${url}, open to everybody on this machine (EDGEQ_AUTH=open), on loopback only. Try, in another terminal:`;
}

function keysLine(url: string): string {
  return `edgeq is at ${url}, for holders of a token.`;
}

function stateLine(stateDir: string): string {
  return `Data is kept in ${stateDir}. A browser at the same address shows the queues. Ctrl-C stops the server.`;
}
