// edgeq/testing: what users test their producers and handlers with, without a server.

export { TestServer, type TestQueueOptions, type TestServerOptions } from "./test-server.ts";
export type { Step, TestConsumer, TestConsumerOptions } from "./test-consumer.ts";
export type { EnqueuedTask } from "./enqueued-log.ts";
export { context, task } from "./task.ts";
