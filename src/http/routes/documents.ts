// GET, PUT, DELETE /v1/queues/{queue}/documents/{key} and the list of documents: small JSON values beside the tasks.

import { parsed } from "../../api/invalid.ts";
import { documentKey, parseListDocuments } from "../../api/parse-document-operation.ts";
import { parseDocument } from "../../api/parse-modify.ts";
import { valueOf } from "../http-error.ts";
import { readJson, refuseBody } from "../read-body.ts";
import { readQuery, refuseQuery } from "../read-query.ts";
import { respondText } from "../respond.ts";
import type { Call, Route } from "../route.ts";

const LIST = "/v1/queues/:queue/documents";
const PATH = `${LIST}/:key`;

export const getDocumentRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle(call) {
    refuseQuery(call.request);
    return respondText(await call.answer("getDocument", { key: keyOf(call) }));
  },
};

export const putDocumentRoute: Route = {
  method: "PUT",
  path: PATH,
  action: "claim",
  async handle(call) {
    const input = { key: keyOf(call), ...(await readJson(call.request, parseDocument)) };
    return respondText(await call.answer("putDocument", input));
  },
};

export const deleteDocumentRoute: Route = {
  method: "DELETE",
  path: PATH,
  action: "claim",
  async handle(call) {
    await refuseBody(call.request);
    const version = readQuery(call.request, ["version"], (fields) => {
      const given = fields.integer("version", { min: 1, max: Number.MAX_SAFE_INTEGER });
      fields.end(["version"]);
      return given;
    });
    const input = { key: keyOf(call), ...(version === undefined ? {} : { version }) };
    return respondText(await call.answer("deleteDocument", input));
  },
};

export const listDocumentsRoute: Route = {
  method: "GET",
  path: LIST,
  action: "browse",
  async handle({ request, answer }) {
    return respondText(await answer("listDocuments", readQuery(request, ["limit"], parseListDocuments)));
  },
};

function keyOf({ params }: Call): string {
  return valueOf(parsed(() => documentKey(params["key"])));
}
