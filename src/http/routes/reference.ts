// The API itself: GET /v1/openapi.json for programs, GET /docs for people, a page that loads nothing. Both are open to all: they are the
// same for everybody, and name no queue.

import { describe, reference } from "../../api/endpoints.ts";
import { openApi } from "../../api/openapi.ts";
import { referencePage } from "../../api/reference-page.ts";
import { respondShared } from "../respond-held.ts";
import { routeOf } from "../route.ts";

const UTF8 = new TextEncoder();

let document: Uint8Array | undefined;

export const openApiRoute = routeOf(describe, ({ ctx }) =>
  respondShared((document ??= UTF8.encode(JSON.stringify(openApi()))), ctx, { "content-type": "application/json" }),
);

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

let page: Uint8Array | undefined;

export const referenceRoute = routeOf(reference, ({ ctx }) =>
  respondShared((page ??= UTF8.encode(referencePage())), ctx, HEADERS),
);
