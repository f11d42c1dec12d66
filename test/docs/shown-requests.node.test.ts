// The requests and frames that docs/modify.md and docs/socket.md show, indented: each is taken as it stands, the frames over a socket.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { DECLARED } from "../../src/api/operation-table.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { isJson } from "./is-json.ts";

const server = serverForTests();

/** What stands indented on a page, without its fenced blocks. */
async function indented(page: string): Promise<string[]> {
  const text = await readFile(join(PROJECT_DIR, "docs", page), "utf8");
  return text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "").match(/(?:^ {4}.*\n)+/gm) ?? [];
}

test("docs/modify.md shows JSON, and its request is one", async () => {
  const blocks = await indented("modify.md");
  const shown = blocks.map((block) => ({
    head: /^ {4}([^{]*)\n/.exec(block)?.[1],
    body: JSON.parse(block.slice(block.indexOf("{"))) as unknown,
  }));
  expect(shown.map(({ head }) => head)).toEqual(["POST /v1/queues/orders/modify", "200", undefined, undefined]);
  expect(DECLARED.modify.parse(shown[0]?.body)).toMatchObject({ insert: [{ queue: "invoices" }] });
});

test("docs/socket.md shows frames that are answered as it shows", async () => {
  // What has names in place of values (`<id>`, `...`) is a form, not a frame.
  const lines = (await indented("socket.md")).flatMap((block) => (isJson(block) ? [block] : block.split("\n")));
  const messages = lines.map((line) => line.trim()).filter((line) => /^[[{]/.test(line) && isJson(line));
  const requests = messages.filter((message) => /^\[?\{"id": \d+, "op"/.test(message));
  expect(requests).toHaveLength(4);
  const shown = messages.filter((message) => message.includes('"ok"')).map((message) => JSON.parse(message) as unknown);
  expect(shown).toEqual([
    { id: 1, ok: { n: 100 } },
    { id: 1, ok: {} },
    { id: 1, ok: {} },
  ]);

  const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/queues/orders/socket`, ["edgeq.v1"]);
  onTestFinished(() => socket.close());
  const answers: unknown[] = [];
  const answered = new Promise<void>((fulfil, reject) => {
    socket.addEventListener("open", () => {
      for (const request of requests) socket.send(request);
    });
    socket.addEventListener("error", () => reject(new Error("the socket failed")));
    socket.addEventListener("message", ({ data }) => {
      const given: unknown = JSON.parse(String(data));
      for (const answer of Array.isArray(given) ? given : [given]) if ("id" in answer) answers.push(answer);
      if (answers.length >= 6) fulfil();
    });
  });
  await answered;
  const written = expect.objectContaining({ tasks: [expect.objectContaining({ duplicate: false })] }) as unknown;
  expect(answers).toEqual([...[1, 2, 3].map((id) => ({ id, ok: written })), ...shown]);
});
