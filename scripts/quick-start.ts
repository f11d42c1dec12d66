// What a person sees when the queue is up: where it is, who may use it, and three lines to paste.

/** @param isOpen false: every request needs a token */
export function quickStart(url: string, isOpen: boolean): string {
  const curl = isOpen ? "curl -s" : 'curl -s -H "Authorization: Bearer $TOKEN"';
  const queue = `${url}/v1/queues/hello`;
  return [
    isOpen
      ? `edgeq is at ${url}, open to everybody on this machine (EDGEQ_AUTH=open), on loopback only. Try:`
      : `edgeq is at ${url}, for holders of a token. TOKEN=$(npm run -s token -- --queue hello --can enqueue,claim), and try:`,
    `  ${curl} ${queue}/tasks --json '{"payload":"hello"}'`,
    `  CLAIM=$(${curl} ${queue}/claim --json '{"waitMs":5000}' | tee /dev/stderr | sed 's/.*"claim":"\\([^"]*\\).*/\\1/')`,
    `  ${curl} ${queue}/ack --json "{\\"claims\\":[\\"$CLAIM\\"]}"`,
  ].join("\n");
}
