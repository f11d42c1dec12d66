// A server that starts before the tests of a file, or of a `describe`, and stops after them.

import { afterAll, beforeAll } from "vitest";
import { TestServer } from "./test-server.ts";

/** @param env of the server; an open one if it is left out */
export function serverForTests(...env: ConstructorParameters<typeof TestServer>): TestServer {
  const server = new TestServer(...env);
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  return server;
}
