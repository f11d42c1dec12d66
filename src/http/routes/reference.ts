// GET /docs: the API for people. It loads nothing, from nowhere.

import { reference } from "../../api/endpoints.ts";
import { referencePage } from "../../api/reference-page.ts";
import { routeOf } from "../route.ts";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

let written: string | undefined;

export const referenceRoute = routeOf(
  reference,
  () => new Response((written ??= referencePage()), { headers: HEADERS }),
);
