// The peers, in the order in which they are run.
import type { Subject } from "../measure/subject.ts";
import { subjectOfPeer } from "../measure/subject-of-peer.ts";
import { beanstalkd } from "./beanstalkd.ts";
import { bullmqFsync, bullmqMemory } from "./bullmq.ts";
import { cloudflareQueues } from "./cloudflare-queues.ts";
import { graphileWorker } from "./graphile-worker.ts";
import { natsJetstream } from "./nats-jetstream.ts";
import { pgBossNotify, pgBossPolling } from "./pg-boss.ts";
import { rabbitmq } from "./rabbitmq.ts";

export const subjects: readonly Subject[] = [
  bullmqFsync,
  bullmqMemory,
  beanstalkd,
  pgBossPolling,
  pgBossNotify,
  graphileWorker,
  rabbitmq,
  natsJetstream,
  cloudflareQueues,
].map(subjectOfPeer);
