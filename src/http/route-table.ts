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
import { operationRoute, readInput, withHeaders } from "./routes/operation.ts";
import { pauseRoute, resumeRoute } from "./routes/pause.ts";
import { overviewRoute, queuesRoute } from "./routes/overview.ts";
import { reincarnateRoute, rewindRoute } from "./routes/rewind.ts";
import { openApiRoute, referenceRoute } from "./routes/reference.ts";
import { overviewSocketRoute, socketRoute } from "./routes/sockets.ts";
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
