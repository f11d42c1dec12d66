// What reading a body asks of the platform. What is read, and refused, is shown over HTTP: bad-body, sizes, body-time.

import { expect, it } from "vitest";
import { readText } from "../../src/http/read-body.ts";

it("a small body of declared length is read without asking for its stream, which costs as much as the reading", async () => {
  let asked = 0;
  const request = new Request("http://edgeq/", { method: "POST", body: "hello", headers: { "content-length": "5" } });
  const { body } = request;
  Object.defineProperty(request, "body", { get: () => ((asked += 1), body) });
  await expect(readText(request)).resolves.toBe("hello");
  expect(asked).toBe(0);
});
