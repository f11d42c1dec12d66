// Every route, in one table: what the router serves, and what the tests of access walk. Most operations are served as they are
// declared; enqueue also takes bodies that are no JSON, claim may wait, and both enqueue and modify may have an Idempotency-Key
// and a trace in their headers.

import { OPERATIONS } from "../api/operation-table.ts";
import type { OperationName } from "../core/operation.ts";
import type { Route } from "./route.ts";
import { claimRoute } from "./routes/claim.ts";
import { enqueueRoute } from "./routes/enqueue.ts";
import { healthRoute, readyRoute } from "./routes/health.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { openApiRoute } from "./routes/openapi.ts";
import { operationRoute, readInput, withHeaders } from "./routes/operation.ts";
import { pauseRoute, resumeRoute } from "./routes/pause.ts";
import { overviewRoute } from "./routes/overview.ts";
import { overviewSocketRoute } from "./routes/overview-socket.ts";
import { reincarnateRoute, rewindRoute } from "./routes/rewind.ts";
import { queuesRoute } from "./routes/queues.ts";
import { referenceRoute } from "./routes/reference.ts";
import { socketRoute } from "./routes/socket.ts";
import { listRevokedRoute, makeTokenRoute, revokeTokenRoute } from "./routes/tokens.ts";

const OWN: { readonly [Name in OperationName]?: Route } = {
  enqueue: enqueueRoute,
  claim: claimRoute,
  modify: operationRoute("modify", readInput, withHeaders),
  reincarnate: reincarnateRoute,
};

export const ROUTES: readonly Route[] = [
  ...Object.values(OPERATIONS).map(({ name }) => OWN[name] ?? operationRoute(name)),
  pauseRoute,
  resumeRoute,
  rewindRoute,
  socketRoute,
  queuesRoute,
  overviewRoute,
  overviewSocketRoute,
  makeTokenRoute,
  revokeTokenRoute,
  listRevokedRoute,
  metricsRoute,
  healthRoute,
  readyRoute,
  openApiRoute,
  referenceRoute,
];
