// Every route, in one table: what the router serves, and what the tests of access walk.

import type { Route } from "./route.ts";
import { ackRoute } from "./routes/ack.ts";
import { browseRoute } from "./routes/browse.ts";
import { claimRoute } from "./routes/claim.ts";
import { deleteDocumentRoute, getDocumentRoute, listDocumentsRoute, putDocumentRoute } from "./routes/documents.ts";
import { enqueueRoute } from "./routes/enqueue.ts";
import { extendRoute } from "./routes/extend.ts";
import { healthRoute } from "./routes/health.ts";
import { modifyRoute } from "./routes/modify.ts";
import { nackRoute } from "./routes/nack.ts";
import { outboxRoute, retryOutboxRoute } from "./routes/outbox.ts";
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
  modifyRoute,
  listDocumentsRoute,
  getDocumentRoute,
  putDocumentRoute,
  deleteDocumentRoute,
  outboxRoute,
  retryOutboxRoute,
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
