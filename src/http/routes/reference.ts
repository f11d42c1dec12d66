// The API itself: GET /v1/openapi.json for programs, GET /docs for people, a page that loads nothing. Both are open to all: they are the
// same for everybody, and name no queue.

import { describe, reference } from "../../api/endpoints.ts";
import { openApi } from "../../api/openapi.ts";
import { referencePage } from "../../api/reference-page.ts";
import { respondText } from "../respond.ts";
import { routeOf } from "../route.ts";

let document: string | undefined;

export const openApiRoute = routeOf(describe, () => respondText((document ??= JSON.stringify(openApi()))));

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

let page: string | undefined;

export const referenceRoute = routeOf(reference, () => new Response((page ??= referencePage()), { headers: HEADERS }));
