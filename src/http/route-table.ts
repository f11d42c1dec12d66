// Every route, in one table: what the router serves, and what the tests of access walk.

import type { Route } from "./route.ts";
import { ackRoute } from "./routes/ack.ts";
import { browseRoute } from "./routes/browse.ts";
import { claimRoute } from "./routes/claim.ts";
import { enqueueRoute } from "./routes/enqueue.ts";
import { extendRoute } from "./routes/extend.ts";
import { healthRoute } from "./routes/health.ts";
import { nackRoute } from "./routes/nack.ts";
import {
  deleteQueueRoute,
  getQueueRoute,
  pauseRoute,
  purgeRoute,
  putQueueRoute,
  redriveRoute,
  resumeRoute,
} from "./routes/queue.ts";
import { queuesRoute } from "./routes/queues.ts";
import { socketRoute } from "./routes/socket.ts";
import { cancelTaskRoute, changeTaskRoute, getTaskRoute } from "./routes/task.ts";

export const ROUTES: readonly Route[] = [
  enqueueRoute,
  claimRoute,
  ackRoute,
  nackRoute,
  extendRoute,
  browseRoute,
  getTaskRoute,
  changeTaskRoute,
  cancelTaskRoute,
  putQueueRoute,
  getQueueRoute,
  deleteQueueRoute,
  purgeRoute,
  pauseRoute,
  resumeRoute,
  redriveRoute,
  socketRoute,
  queuesRoute,
  healthRoute,
];
