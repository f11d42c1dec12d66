// The command line against a real server: what it does to a queue, what it prints, and the status that it ends with.

import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { runCli, RunningCli, type CliOptions, type CliResult } from "./run-cli.ts";

const server = serverForTests();
let dir: string;
let queues = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgeq-cli-"));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** A queue of its own for each test, seen through the client. */
function newQueue(): Queue {
  queues += 1;
  return new Queue(`cli-${queues}`, { url: server.url, idempotent: false });
}

const cli = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  runCli(args, { url: server.url, ...options });

/** In a process, where what its programs print goes to. */
const cliInProcess = (args: readonly string[]): Promise<CliResult> => new RunningCli(args, { url: server.url }).ended;

/** What a command printed with --json, which must have gone well. */
async function json(args: readonly string[], options: CliOptions = {}): Promise<Record<string, never>> {
  const { status, stdout, stderr } = await cli([...args, "--json"], options);
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, never>;
}

async function payloadsIn(queue: Queue): Promise<unknown[]> {
  return (await Array.fromAsync(queue.browseAll())).map(({ payload }) => payload);
}

function hasShell(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"], { timeout: 10_000 }).status === 0;
}

async function fileOf(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

const latin = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe("send", () => {
  test("enqueues each argument as JSON, and prints their ids", async () => {
    const queue = newQueue();
    const { tasks } = await json(["send", queue.name, '{"n": 1}', "2", '"three"']);
    expect(await payloadsIn(queue)).toEqual([{ n: 1 }, 2, "three"]);
    expect(tasks).toHaveLength(3);
  });

  test("passes every option on", async () => {
    const queue = newQueue();
    const options = "--id a-1 --lane slow --priority -7 --ttl 2h --max-attempts 9 --header trace=t=1 --header kind=x";
    await cli(["send", queue.name, "hello", "--text", ...options.split(" "), "--at", "2026-11-30T12:00:00Z"]);
    const task = await queue.get("a-1");
    expect(task).toMatchObject({
      payload: "hello",
      contentType: "text/plain;charset=utf-8",
      lane: "slow",
      priority: -7,
      maxAttempts: 9,
      headers: { trace: "t=1", kind: "x" },
    });
    expect(task?.expiresAt).not.toBeNull();
  });

  test("delays a task by a duration with its unit", async () => {
    const queue = newQueue();
    const before = Date.now();
    await json(["send", queue.name, "1", "--delay", "2h"]);
    const [task] = await Array.fromAsync(queue.browseAll({ state: "delayed" }));
    expect((task?.visibleAt ?? 0) - before).toBeGreaterThanOrEqual(7_200_000);
  });

  test("says that an id was there already", async () => {
    const queue = newQueue();
    await cli(["send", queue.name, "1", "--id", "once"]);
    expect((await cli(["send", queue.name, "1", "--id", "once"])).stdout).toBe("once (was there already, ready)\n");
  });

  test("takes stdin as one payload: JSON, text, or bytes as they are", async () => {
    const queue = newQueue();
    await cli(["send", queue.name], { input: '{\n "n": 1\n}\n' });
    await cli(["send", queue.name, "--text"], { input: "two\nlines\n" });
    await cli(["send", queue.name, "--bytes"], { input: new Uint8Array([0, 255, 10]) });
    expect(await payloadsIn(queue)).toEqual([{ n: 1 }, "two\nlines\n", new Uint8Array([0, 255, 10])]);
  });

  test("refuses text that is not UTF-8, as the server does, and names the line", async () => {
    const queue = newQueue();
    expect(await cli(["send", queue.name], { input: latin('{"name": "José"}') })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("stdin is not UTF-8") as string,
    });
    expect((await cli(["send", queue.name, "--text"], { input: latin("José") })).stderr).toContain("--bytes");
    const lines = Buffer.concat([Buffer.from('{"n": "é"}\r\n\n'), latin('{"name": "José"}\n')]);
    const path = await fileOf("latin.jsonl", lines);
    expect((await cli(["send", queue.name, "--file", path])).stderr).toContain("line 3 is not UTF-8");
    expect(await cli(["modify", queue.name], { input: latin('{"insert": [{"payload": "José"}]}') })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("is not UTF-8") as string,
    });
    expect(await cli(["peek", queue.name])).toMatchObject({ status: 5 });
  });

  test("refuses a line that would be rounded, as it does an argument", async () => {
    const path = await fileOf("large.jsonl", '{"n": 1}\n{"n": 12345678901234567890}\n');
    const { status, stderr } = await cli(["send", newQueue().name, "--file", path]);
    expect(status).toBe(2);
    expect(stderr).toContain('line 2.n: given "12345678901234567890"');
  });

  test("sends a file of JSON lines, in batches, in order, and counts", async () => {
    const queue = newQueue();
    const lines = Array.from({ length: 2_500 }, (_, n) => JSON.stringify({ n }));
    const path = await fileOf("many.jsonl", `${lines.join("\n")}\n\n`);
    expect(await json(["send", queue.name, "--file", path])).toEqual({ sent: 2_500, duplicates: 0 });
    expect(await payloadsIn(queue)).toEqual(lines.map((line) => JSON.parse(line) as unknown));
  });

  test("takes a line for what stands before a newline, whatever else ends lines elsewhere", async () => {
    const queue = newQueue();
    const path = await fileOf("separators.jsonl", '"a\u2028b\u2029c"\r\n"d\u0085e"');
    expect(await json(["send", queue.name, "--file", path])).toEqual({ sent: 2, duplicates: 0 });
    expect(await payloadsIn(queue)).toEqual(["a\u2028b\u2029c", "d\u0085e"]);
  });

  test("with --plain leaves the ids to the queue", async () => {
    const queue = newQueue();
    const { tasks } = (await json(["send", queue.name, "1", "--plain"])) as unknown as { tasks: { id: string }[] };
    expect(tasks[0]?.id).toMatch(/^[0-9a-z]{5}-[0-9a-z]{11}$/);
  });

  test("sends lines that are whole tasks, with options for those that have none", async () => {
    const queue = newQueue();
    const path = await fileOf(
      "tasks.jsonl",
      '{"payload": 1, "id": "x", "priority": 5}\n{"payload": {"deep": true}, "id": "y"}\n',
    );
    await json(["send", queue.name, "--file", path, "--tasks", "--priority", "2"]);
    expect(await queue.get("x")).toMatchObject({ payload: 1, priority: 5 });
    expect(await queue.get("y")).toMatchObject({ payload: { deep: true }, priority: 2 });
  });

  test("names the line that is wrong, and goes on where it is asked to", async () => {
    const queue = newQueue();
    const good = Array.from({ length: 1_000 }, (_, n) => String(n));
    const path = await fileOf("broken.jsonl", [...good, "{broken", "1001"].join("\n"));
    const { status, stderr } = await cli(["send", queue.name, "--file", path]);
    expect(status).toBe(2);
    expect(stderr).toContain("line 1001 is not JSON");
    expect(stderr).toContain("1000 tasks were sent; the same command goes on after them");
    expect(await json(["send", queue.name, "--file", path, "--skip", "1001"])).toMatchObject({ sent: 1 });
    expect(await payloadsIn(queue)).toHaveLength(1_001);
  });

  test.each([
    [["send", "q", "{no json"], "payload 1 is not JSON"],
    [["send", "q", "1", "--delay", "soon"], "--delay"],
    [["send", "q", "1", "--at", "tomorrow"], "--at"],
    [["send", "q", "1", "--at", "1893456000"], "as seconds this would be 2030-01-01T00:00:00.000Z"],
    [["send", "q", "1", "--at", "2030"], "--at"],
    [["send", "q", '{"userId": 9007199254740993}'], 'payload 1.userId: given "9007199254740993"'],
    [["send", "q", '{"a": 1, "a": 2}'], "payload 1.a"],
    [["send", "q", "-0"], "payload 1"],
    [["send", "q", "1", "--id", ".."], "id: given"],
    [["cancel", "q", ".."], "id: given"],
    [["documents", "delete", "q", ".."], "key: given"],
    [["modify", "q", "[]"], "changes: allowed: an object"],
    [["change", "q", "a"], "nothing to change"],
    [["extend", "q", "c"], "--timeout"],
    [["nack", "q", "c", "--snooze", "5m", "--dead"], "one of them"],
    [["completion", "tcsh"], "bash, zsh, fish"],
    [["settings", "q", "claimTimeout=5"], "did you mean claimTimeoutMs?"],
    [["settings", "q", "maxAttempts=1", "maxAttempts=2"], "maxAttempts: given twice"],
    [["settings", "q", "backoff.maxMs=1h", 'backoff={"minMs": 500}'], "backoff: given twice"],
    [["settings", "q", "backoff=null", "backoff.maxMs=1h"], "backoff.maxMs: given twice"],
    [["keys", "q", "k", "paused=true", "paused=false"], "paused: given twice"],
    [["send", "q", "1", "--priority", "high"], "--priority"],
    [["send", "q", "1", "--header", "none"], "--header"],
    [["send", "q", "1", "--header", "a=1", "a=2"], '"a" is given twice'],
    [["send", "q", "1", "2", "--id", "a"], "--id"],
    [["send", "q", "1", "--file", "x"], "--file"],
    [["send", "q", "--file", "/nowhere.jsonl"], "/nowhere.jsonl"],
    [["send", "no/queue", "1"], "name"],
    [["send", "q", "1", "--priority", "500"], "priority"],
    [["send"], "queue"],
    [["sned", "q"], "unknown command"],
    [["help", "sent"], "unknown command 'sent' (Did you mean send?)"],
    [["help", "tokens", "nosuch"], "unknown command 'nosuch'"],
    [["sent", "--help"], "unknown command 'sent' (Did you mean send?)"],
    [["tokens", "nosuch", "--help"], "unknown command 'nosuch'"],
    [["tokens", "help", "nosuch"], "unknown command 'nosuch'"],
    [["send", "q", "1", "--lan", "x"], "--lan"],
  ])("%j is refused with status 2, saying what is wrong", async (args, what) => {
    const { status, stdout, stderr } = await cli(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(what);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("claim, ack and nack", () => {
  test("take tasks by hand and end their claims", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([{ payload: "a" }, { payload: "b" }, { payload: "c" }]);
    const { tasks } = (await json(["claim", queue.name, "--max", "3", "--timeout", "1h"])) as unknown as {
      tasks: { claim: string; payload: string; claimedUntil: number }[];
    };
    expect(tasks.map(({ payload }) => payload)).toEqual(["a", "b", "c"]);
    expect(tasks[0]?.claimedUntil).toBeGreaterThan(Date.now() + 3_000_000);
    const [a = "", b = "", c = ""] = tasks.map(({ claim }) => claim);
    expect((await cli(["ack", queue.name, a])).status).toBe(0);
    expect((await cli(["nack", queue.name, b, "--dead", "--error", "no use"])).status).toBe(0);
    expect((await cli(["nack", queue.name, c, "--release"])).status).toBe(0);
    expect(await Array.fromAsync(queue.browseAll())).toMatchObject([
      { payload: "b", state: "dead", error: "no use" },
      { payload: "c", state: "ready", attempts: 0 },
    ]);
    const late = await cli(["ack", queue.name, a, "--json"]);
    expect(late.status).toBe(1);
    expect(JSON.parse(late.stdout)).toEqual({ results: [{ claim: a, ok: false, code: "task-not-found" }] });
  });

  test("with --raw --ack a payload is taken off the queue as it is; then there is nothing, which is status 5", async () => {
    const queue = newQueue();
    await queue.enqueue("line", { contentType: "text/plain" });
    expect(await cli(["claim", queue.name, "--raw", "--ack"])).toMatchObject({ status: 0, stdout: "line" });
    expect(await cli(["claim", queue.name, "--raw", "--ack"])).toMatchObject({ status: 5, stdout: "" });
  });

  test("wait for a task", async () => {
    const queue = newQueue();
    await queue.configure({});
    const claiming = cli(["claim", queue.name, "--wait", "20s", "--json"]);
    await queue.enqueue("late");
    expect((await claiming).stdout).toContain('"payload":"late"');
  });
});

describe("extend and nack --snooze", () => {
  test("keep a claim, and give a task back without counting the attempt", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const [task] = await queue.claim({ claimTimeoutMs: 60_000 });
    if (task === undefined) throw new Error("a task expected");
    await json(["extend", queue.name, task.claim, "--timeout", "2h"]);
    expect((await queue.get(task.id))?.claimedUntil).toBeGreaterThan(task.claimedUntil + 3_600_000);
    await json(["nack", queue.name, task.claim, "--snooze", "1h"]);
    expect(await queue.get(task.id)).toMatchObject({ state: "delayed", attempts: 0, error: null });
    expect((await cli(["extend", queue.name, task.claim, "--timeout", "2h"])).status).toBe(1);
  });
});

describe("change and modify", () => {
  test("change a task at the version that it has, or that is named", async () => {
    const queue = newQueue();
    await queue.enqueue({ n: 1 }, { id: "a", delayMs: 3_600_000 });
    await json(["change", queue.name, "a", '{"n": 2}', "--delay", "0", "--priority", "3"]);
    expect(await queue.get("a")).toMatchObject({ payload: { n: 2 }, state: "ready", priority: 3, version: 2 });
    const stale = await cli(["change", queue.name, "a", "--lane", "other", "--if-version", "1"]);
    expect([stale.status, stale.stderr]).toEqual([1, 'edgeq: Task "a" is ready, at version 2 [version-conflict]\n']);
    expect((await cli(["change", queue.name, "none", "--lane", "other"])).status).toBe(5);
  });

  test("change redrives a dead task with what it is to be", async () => {
    const queue = newQueue();
    await queue.enqueue({ n: 1 }, { id: "a" });
    for (const task of await queue.claim()) await queue.nack(task, { dead: true, error: "cannot be read" });
    expect((await cli(["change", queue.name, "a", '{"n": 2}'])).status).toBe(1);
    await json(["change", queue.name, "a", '{"n": 2}', "--redrive"]);
    expect(await queue.get("a")).toMatchObject({ payload: { n: 2 }, state: "ready", attempts: 0 });
  });

  test("change tasks and documents in one step, or say what failed", async () => {
    const queue = newQueue();
    await queue.enqueue(1, { id: "a" });
    const changes = {
      delete: [{ id: "a", version: 1 }],
      insert: [{ payload: 2 }, { document: { key: "k", value: 3 } }],
    };
    expect(await json(["modify", queue.name], { input: JSON.stringify(changes) })).toMatchObject({
      inserted: [{ duplicate: false }, { document: { key: "k" } }],
    });
    expect(await payloadsIn(queue)).toEqual([2]);
    const again = await cli(["modify", queue.name, JSON.stringify(changes)]);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain("delete[0]");
  });
});

describe("documents and the outbox", () => {
  test("documents are put, got, listed and deleted", async () => {
    const queue = newQueue();
    await json(["documents", "put", queue.name, "a.1", '{"n": 1}', "--if-version", "0"]);
    await json(["documents", "put", queue.name, "b.1"], { input: "2" });
    expect((await cli(["documents", "put", queue.name, "a.1", "2", "--if-version", "0"])).status).toBe(1);
    expect(await cli(["documents", "get", queue.name, "a.1"])).toMatchObject({ status: 0, stdout: '{"n":1}\n' });
    expect((await cli(["documents", "list", queue.name, "--prefix", "a."])).stdout).toMatch(/a\.1 +\d+ +\{"n":1\}/);
    expect(await json(["documents", "list", queue.name])).toMatchObject({
      documents: [{ key: "a.1" }, { key: "b.1" }],
    });
    await json(["documents", "delete", queue.name, "a.1"]);
    expect((await cli(["documents", "get", queue.name, "a.1"])).status).toBe(5);
    expect((await cli(["documents", "delete", queue.name, "a.1"])).status).toBe(5);
  });

  test("the outbox shows what has not arrived, and sends it again", async () => {
    const queue = newQueue();
    await queue.configure({});
    await expect.poll(() => json(["outbox", "list", queue.name])).toEqual({ messages: [] });
    expect((await cli(["outbox", "list", queue.name])).stdout).toBe("Everything has arrived.\n");
    expect(await json(["outbox", "retry", queue.name, "--to", "elsewhere"])).toEqual({
      queue: queue.name,
      messages: 0,
    });
  });
});

describe("completion", () => {
  test("in bash offers commands, subcommands and the options of each", async () => {
    const script = await fileOf("completion.bash", (await cli(["completion", "bash"])).stdout);
    const completed = (words: readonly string[]): string[] => {
      const line = `source ${script}; COMP_WORDS=(edgeq "$@"); COMP_CWORD=$#; _edgeq; echo "\${COMPREPLY[@]}"`;
      return spawnSync("bash", ["-c", line, "edgeq", ...words], { encoding: "utf8", timeout: 30_000 })
        .stdout.trim()
        .split(" ");
    };
    expect(completed(["se"])).toEqual(["send", "search", "settings", "serve"]);
    expect(completed(["documents", ""])).toEqual(expect.arrayContaining(["list", "get", "put", "delete"]));
    expect(completed(["documents", "put", "orders", "--if"])).toEqual(["--if-version"]);
    expect(completed(["--json", "send", "orders", "--del"])).toEqual(["--delay"]);
  });

  // A shell that is not installed cannot be asked.
  test.runIf(hasShell("zsh"))("in zsh is a script that loads", async () => {
    const script = await fileOf("completion.zsh", (await cli(["completion", "zsh"])).stdout);
    const line = `autoload -Uz compinit; compinit -u -D; source ${script}; _edgeq_words "documents put"; echo $_comps[edgeq]`;
    const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", line], { encoding: "utf8", timeout: 30_000 });
    expect([stdout, stderr]).toEqual(["--if-version --help\n_edgeq\n", ""]);
  });

  test.runIf(hasShell("fish"))("in fish offers the same", async () => {
    const script = await fileOf("completion.fish", (await cli(["completion", "fish"])).stdout);
    const completed = (line: string): string[] =>
      spawnSync("fish", ["--no-config", "-c", `source ${script}; complete -C '${line}'`], {
        encoding: "utf8",
        timeout: 30_000,
      })
        .stdout.trim()
        .split("\n")
        .map((word) => word.split("\t", 1)[0] ?? "");
    expect(completed("edgeq se").sort()).toEqual(["search", "send", "serve", "settings"]);
    expect(completed("edgeq documents put orders --if")).toEqual(["--if-version"]);
  });
});

describe("peek, stats and watch", () => {
  test("peek says who has claimed a task", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    await queue.claim({ claimTimeoutMs: 3_600_000, claimant: "worker-7" });
    expect((await cli(["peek", queue.name])).stdout).toMatch(/claimed .*since \S+, (60m|59m) left by worker-7/);
  });

  test("show tasks and counts without touching them", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([
      { payload: 1, id: "one" },
      { payload: "\u001B[31mred", delayMs: 3_600_000 },
    ]);
    const peeked = await cli(["peek", queue.name]);
    expect(peeked.stdout).toMatch(/one\s+ready\s+main\s+0\s+since .+ 1\n/);
    expect(peeked.stdout).toMatch(/delayed .*in (59|60)m/);
    expect(peeked.stdout).not.toContain("\u001B");
    expect(await json(["peek", queue.name, "--state", "delayed"])).toMatchObject({ tasks: [{ state: "delayed" }] });
    expect(await json(["stats", queue.name])).toMatchObject({ ready: 1, delayed: 1, claimed: 0, dead: 0 });
    const one = await cli(["peek", queue.name, "one", "none"]);
    expect([one.status, one.stderr]).toEqual([5, "not there: none\n"]);
  });

  test("watch looks again and again, at queues that do not exist too", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const { stdout } = await cli(["watch", queue.name, "cli-none", "--count", "3", "--interval", "100ms", "--json"]);
    const looks = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { at: number; queues: Record<string, { ready: number } | null> });
    expect(looks.map(({ queues: seen }) => [seen[queue.name]?.ready, seen["cli-none"]])).toEqual([
      [1, null],
      [1, null],
      [1, null],
    ]);
    const table = (await cli(["watch", queue.name, "--count", "1"])).stdout;
    expect(table).toMatch(/QUEUE +READY +DELAYED +CLAIMED +DEAD +OLDEST +CHANGE\n/);
  });

  test("a queue that is not there is status 5", async () => {
    expect((await cli(["stats", "cli-none"])).status).toBe(5);
  });
});

describe("managing a queue", () => {
  test("pause, resume and settings", async () => {
    const queue = newQueue();
    await json(["settings", queue.name, "maxAttempts=3", "backoff.minMs=10", "deadLetterQueue=cli-dead"]);
    await json(["pause", queue.name]);
    expect(await queue.settings()).toMatchObject({
      maxAttempts: 3,
      backoff: { minMs: 10 },
      deadLetterQueue: "cli-dead",
      paused: true,
    });
    expect((await cli(["claim", queue.name])).status).toBe(1);
    await json(["resume", queue.name]);
    const shown = await json(["settings", queue.name, "deadLetterQueue=null"]);
    expect(shown).toMatchObject({ paused: false, deadLetterQueue: null });
    expect((await cli(["settings", queue.name, "maxAttempts"])).status).toBe(2);
  });

  test("settings take durations, and its help names each of them", async () => {
    const queue = newQueue();
    const changes = [
      "claimTimeoutMs=30s",
      "retentionMs=7d",
      "backoff.maxMs=1.5h",
      "dedupeMs=60000",
      "deadLetterQueue=7",
    ];
    expect(await json(["settings", queue.name, ...changes])).toMatchObject({
      claimTimeoutMs: 30_000,
      retentionMs: 604_800_000,
      backoff: { maxMs: 5_400_000 },
      dedupeMs: 60_000,
      deadLetterQueue: "7",
    });
    expect((await cli(["settings", queue.name, "claimTimeoutMs=5x"])).stderr).toContain("allowed: a duration such as");
    const { stdout } = await cli(["settings", "--help"]);
    const { backoff, keys, limits, budget, ...others } = DEFAULT_SETTINGS;
    const nested = Object.entries({ backoff, keys, limits, budget }).flatMap(([name, parts]) =>
      Object.keys(parts).map((part) => `${name}.${part}`),
    );
    for (const name of [...Object.keys(others), ...nested])
      expect(stdout).toMatch(new RegExp(`^  ${name.replace(".", "\\.")} `, "m"));
  });

  test("delete takes the queue away, if somebody says so", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    expect((await cli(["delete", queue.name])).status).toBe(2);
    expect(await json(["delete", queue.name, "--yes"])).toEqual({ queue: queue.name, tasks: 1 });
    const gone = await cli(["stats", queue.name]);
    expect([gone.status, gone.stderr]).toEqual([5, expect.stringContaining("edgeq queues lists those that exist")]);
  });

  test("purge deletes nothing unless somebody says so", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const asked = await cli(["purge", queue.name]);
    expect([asked.status, await queue.stats()]).toMatchObject([2, { ready: 1 }]);
    expect(asked.stderr).toContain("--yes");
    expect(await json(["purge", queue.name, "--yes"])).toMatchObject({ tasks: 1 });
    expect(await queue.stats()).toMatchObject({ ready: 0 });
  });

  test("redrive offers dead tasks again, all or by id", async () => {
    const queue = newQueue();
    await queue.configure({ maxAttempts: 1 });
    await queue.enqueueBatch([
      { payload: 1, id: "a" },
      { payload: 2, id: "b" },
      { payload: 3, id: "c" },
    ]);
    await queue.nackBatch((await queue.claim({ max: 3 })).map((claim) => ({ claim })));
    expect(await cli(["redrive", queue.name, "a", "nothing"])).toMatchObject({ status: 5 });
    expect(await queue.stats()).toMatchObject({ ready: 1, dead: 2 });
    expect(await json(["redrive", queue.name])).toMatchObject({ tasks: 2, notFound: [] });
    expect(await queue.stats()).toMatchObject({ ready: 3, dead: 0 });
  });

  test("redrive and peek say where dead tasks are that went to a dead-letter queue", async () => {
    const [queue, letters] = [newQueue(), newQueue()];
    await queue.configure({ maxAttempts: 1, deadLetterQueue: letters.name });
    await queue.enqueue(1);
    await queue.nackBatch((await queue.claim()).map((claim) => ({ claim })));
    const note = `dead tasks of ${queue.name} go to its dead-letter queue: edgeq`;
    const redriven = await cli(["redrive", queue.name]);
    expect(redriven).toMatchObject({ status: 0, stdout: `0 tasks of ${queue.name} offered again\n` });
    expect(redriven.stderr).toContain(`${note} redrive ${letters.name}`);
    expect((await cli(["peek", queue.name, "--state", "dead"])).stderr).toContain(`${note} peek ${letters.name}`);
    expect((await cli(["peek", queue.name])).stderr).not.toContain(note);
    expect((await cli(["redrive", letters.name])).stderr).not.toContain(note);
  });

  test("a dead letter says where it died and why, and is found by it", async () => {
    const [queue, letters] = [newQueue(), newQueue()];
    await queue.configure({ maxAttempts: 1, deadLetterQueue: letters.name });
    await queue.enqueue(1);
    await queue.nackBatch((await queue.claim()).map((claim) => ({ claim, error: "no such address" })));
    // It is there once somebody gets it.
    const [letter] = await letters.claim({ waitMs: 20_000 });
    if (letter === undefined) throw new Error("the letter did not arrive");
    await letters.nack(letter, { release: true });
    const [titles = "", minute = ""] = (await cli(["history", queue.name])).stdout.split("\n");
    expect(minute.split(/  +/)[titles.split(/  +/).indexOf("MOVED")]).toBe("1");
    const shown = new RegExp(`ready .*1 \\(from ${queue.name}: no such address\\)\n`);
    expect((await cli(["peek", letters.name])).stdout).toMatch(shown);
    for (const query of ["error:address", '"no such"', letter.origin?.id ?? ""]) {
      const found = await cli(["search", letters.name, query]);
      expect([query, found.stdout]).toEqual([query, expect.stringMatching(shown)]);
    }
  });

  test("cancel removes tasks, claimed ones only when forced", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([
      { payload: 1, id: "held" },
      { payload: 2, id: "free" },
    ]);
    await queue.claim();
    const refused = await cli(["cancel", queue.name, "held", "free", "--json"]);
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toEqual({
      results: [
        { id: "held", ok: false, code: "version-conflict" },
        { id: "free", ok: true },
      ],
    });
    expect((await cli(["cancel", queue.name, "held", "--force"])).status).toBe(0);
    expect((await cli(["cancel", queue.name, "held"])).status).toBe(5);
  });

  test("queues lists what there is", async () => {
    const queue = newQueue();
    await queue.configure({});
    await expect
      .poll(async () => (await cli(["queues"])).stdout, { timeout: 30_000, interval: 200 })
      .toMatch(new RegExp(`^${queue.name} `, "m"));
  });
});

describe("work", () => {
  test("gives the command the payload on stdin and the rest in its environment, and acks on status 0", async () => {
    const queue = newQueue();
    await queue.enqueue({ n: 1 }, { id: "task-1", headers: { trace: "t" } });
    const script =
      'cat; echo " $EDGEQ_QUEUE $EDGEQ_TASK_ID $EDGEQ_ATTEMPT $EDGEQ_LANE $EDGEQ_CONTENT_TYPE $EDGEQ_HEADERS"';
    const { status, stdout } = await cliInProcess(["work", queue.name, script, "--until-empty"]);
    expect(status).toBe(0);
    expect(stdout).toContain(`{"n":1} ${queue.name} task-1 1 main application/json {"trace":"t"}`);
    expect(stdout).toContain("1 done, 0 failed, 0 given back");
    expect(await payloadsIn(queue)).toEqual([]);
  });

  test("runs a program with its arguments as they are, and gives it bytes as they are", async () => {
    const queue = newQueue();
    await queue.enqueue(new Uint8Array([65, 0, 66]));
    const { stdout } = await cliInProcess(["work", queue.name, "--until-empty", "--", "od", "-An", "-c"]);
    expect(stdout).toMatch(/A\s+\\0\s+B/);
  });

  test("fails the attempt on another status, with the end of stderr as the error", async () => {
    const queue = newQueue();
    await queue.configure({ backoff: { minMs: 3_600_000, maxMs: 3_600_000 } });
    const tail = "x".repeat(1_023);
    const contentType = "text/plain";
    await queue.enqueueBatch([
      { payload: "first\nthe reason", contentType },
      { payload: `much before \u{1f6a8}${tail}`, contentType },
    ]);
    await cli(["work", queue.name, "cat >&2; exit 7", "--until-empty"]);
    // Half of a surrogate pair that the cut leaves does not cost the failure.
    expect(await Array.fromAsync(queue.browseAll())).toMatchObject([
      { state: "delayed", attempts: 1, error: "first\nthe reason" },
      { state: "delayed", attempts: 1, error: `\uFFFD${tail}` },
    ]);
  });

  test("makes the task dead on status 100, and on 111 puts it off without counting the attempt", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([{ payload: 100 }, { payload: 111 }]);
    const { stdout } = await cli(["work", queue.name, "exit $(cat)", "--until-empty", "--snooze-delay", "2h"]);
    expect(stdout).toContain("0 done, 1 failed, 1 snoozed, 0 given back");
    const left = await Array.fromAsync(queue.browseAll());
    expect(left).toMatchObject([
      { payload: 100, state: "dead", error: "exit status 100" },
      { payload: 111, state: "delayed", attempts: 0, error: null },
    ]);
    expect((left[1]?.visibleAt ?? 0) - Date.now()).toBeGreaterThan(7_000_000);
  });

  test("with --until-empty ends with status 1 if a task failed and was not done since", async () => {
    const queue = newQueue();
    await queue.configure({ backoff: { minMs: 0, maxMs: 0 }, maxAttempts: 2 });
    await queue.enqueue(1);
    // Done at its second attempt.
    const retried = await cli(["work", queue.name, '[ "$EDGEQ_ATTEMPT" = 2 ]', "--until-empty"]);
    expect([retried.status, retried.stdout]).toEqual([0, expect.stringContaining("1 done, 1 failed")]);
    await queue.enqueue(1);
    expect((await cli(["work", queue.name, "false", "--until-empty"])).status).toBe(1);
    expect((await cli(["work", "cli-none", "true", "--until-empty"])).status).toBe(5);
  });

  test("with --until-empty looks at its own lanes only", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([{ payload: 1, lane: "fast" }, { payload: 2 }]);
    const { status, stdout } = await cli(["work", queue.name, "true", "--lane", "fast", "--until-empty"]);
    expect([status, stdout]).toEqual([0, expect.stringContaining("1 done")]);
    expect(await payloadsIn(queue)).toEqual([2]);
  });

  test("is done with a task when its command ends, though that leaves something running", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const marker = join(dir, "still-running");
    // The background process ends when the test lets it, which is after the worker has ended.
    const script = `(until [ -e ${marker} ]; do sleep 0.1; done) >/dev/null & echo begun`;
    const { status, stdout } = await cliInProcess(["work", queue.name, script, "--until-empty"]);
    await writeFile(marker, "");
    expect([status, stdout]).toEqual([0, expect.stringContaining("1 done")]);
  });

  test("holds a task for as long as the command runs, however short the claim", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const { stdout } = await cliInProcess([
      "work",
      queue.name,
      "sleep 3; echo $EDGEQ_ATTEMPT",
      "--claim-timeout",
      "1s",
      "--until-empty",
    ]);
    expect(stdout).toMatch(/^1\n.*1 done, 0 failed/s);
  });

  test("runs as many at a time as it is asked to", async () => {
    const queue = newQueue();
    await queue.enqueueBatch(Array.from({ length: 4 }, (_, payload) => ({ payload })));
    // Each waits until all four have begun; alone it would wait for ever.
    const script = `touch ${dir}/at-$(cat); until [ $(ls ${dir} | grep -c at-) = 4 ]; do sleep 0.05; done`;
    const { stdout } = await cli(["work", queue.name, script, "--concurrency", "4", "--until-empty"]);
    expect(stdout).toContain("4 done");
  });

  test("on SIGTERM lets the running command finish, and takes no other", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([{ payload: 1 }, { payload: 2 }]);
    const worker = new RunningCli(["work", queue.name, "echo begun; sleep 1; echo finished"], { url: server.url });
    await worker.says(/begun/);
    worker.signal("SIGTERM");
    const { status, stdout } = await worker.ended;
    expect([status, stdout.match(/finished/g)]).toEqual([0, ["finished"]]);
    expect(await queue.stats()).toMatchObject({ ready: 1, claimed: 0 });
  });

  test("gives back what does not finish within the stop timeout, no attempt counted, and ends the command", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const script = `trap 'echo asked to end; exit 1' TERM; echo begun; while :; do sleep 0.1; done`;
    const worker = new RunningCli(["work", queue.name, script, "--stop-timeout", "500ms"], { url: server.url });
    await worker.says(/begun/);
    worker.signal("SIGTERM");
    const { status, stdout } = await worker.ended;
    expect(status).toBe(0);
    expect(stdout).toContain("asked to end");
    expect(stdout).toContain("1 given back");
    expect(await Array.fromAsync(queue.browseAll())).toMatchObject([{ state: "ready", attempts: 0 }]);
  });

  test("a program that cannot be started fails the attempt, not the worker", async () => {
    const queue = newQueue();
    await queue.configure({ maxAttempts: 1 });
    await queue.enqueue(1);
    const { status } = await cli(["work", queue.name, "--until-empty", "--", "/no/such/program", "x"]);
    expect(status).toBe(1);
    expect(await Array.fromAsync(queue.browseAll())).toMatchObject([
      { state: "dead", error: expect.stringContaining("ENOENT") as string },
    ]);
  });
});

describe("what it prints", () => {
  test("errors are one JSON document on stderr with --json", async () => {
    const { status, stdout, stderr } = await cli(["stats", "cli-none", "--json"]);
    expect([status, stdout]).toEqual([5, ""]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "queue-not-found", problem: { status: 404 } } });
    expect(JSON.parse((await cli(["stats", "--json"])).stderr)).toMatchObject({ error: { code: "usage" } });
  });

  test("colours are for terminals, or for who forces them, and never with NO_COLOR", async () => {
    const queue = newQueue();
    await queue.enqueue(1);
    const isColoured = async (env: Record<string, string>): Promise<boolean> =>
      (await cli(["stats", queue.name], { env })).stdout.includes("\u001B[");
    expect(await isColoured({})).toBe(false);
    expect(await isColoured({ FORCE_COLOR: "1" })).toBe(true);
    expect(await isColoured({ FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
  });

  test("without a command it shows what there is, on stderr, with status 2", async () => {
    for (const [args, shown] of [
      [[], "send [options] <queue>"],
      [["documents"], "put [options] <queue>"],
      [["outbox"], "retry [options] <queue>"],
    ] as const) {
      const { status, stdout, stderr } = await cli(args);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(shown);
      expect(stderr).not.toContain("outputHelp");
    }
  });

  test("an error says what and what to do, in one line", async () => {
    const nobody = await runCli(["stats", "q"], { url: "http://127.0.0.1:9" });
    expect([nobody.status, nobody.stderr.trim().split("\n")]).toEqual([
      3,
      [expect.stringMatching(/^edgeq: No answer .*; --url or EDGEQ_URL names the server.* \[unreachable\]$/)],
    ]);
    const queue = newQueue();
    await queue.configure({ paused: true });
    const paused = await cli(["claim", queue.name]);
    expect([paused.status, paused.stderr]).toEqual([1, expect.stringContaining("edgeq resume offers them again")]);
  });

  test("a web page in place of the API is named as such, with status 3", async () => {
    const page = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Welcome</title>");
    });
    await new Promise<void>((listening) => page.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    try {
      for (const args of [["stats", "q"], ["queues"], ["send", "q", "1"], ["work", "q", "true"]]) {
        const { status, stderr } = await runCli(args, { url });
        expect([args, status, stderr]).toEqual([args, 3, expect.stringContaining("answered HTTP 200 (text/html)")]);
      }
      expect((await runCli(["doctor"], { url })).stdout).toContain("no answer of edgeq's");
    } finally {
      page.close();
    }
  });

  test("every command has help, on stdout, with status 0", async () => {
    const { stdout } = await cli(["--help"]);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) .*$/gm)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "help");
    expect(names).toEqual(
      (
        "send claim ack nack extend work peek search stats watch events history consumers cost pause resume redrive change cancel release modify documents keys " +
        "outbox settings queues overview top export import rewind purge delete token tokens doctor completion dev serve ui"
      ).split(" "),
    );
    const asked = [
      ["send", "--help"],
      ["work", "--help"],
      ["doctor", "--help"],
      ["help", "send"],
    ];
    const helps = await Promise.all(asked.map((args) => cli(args)));
    expect(await cli(["help", "tokens", "make"])).toEqual(await cli(["tokens", "make", "--help"]));
    expect(await cli(["help"])).toEqual({ status: 0, stdout, stderr: "" });
    for (const help of helps)
      expect(help).toMatchObject({
        status: 0,
        stderr: "",
        stdout: expect.stringMatching(/Examples:\n {2}\$ /) as string,
      });
  });
});
