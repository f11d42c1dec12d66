// A task as a form has it, and what the form's texts come to: the body of an enqueue or of a change, or why there is none.

import type { WireBrowsedTask, WireNewTask } from "../../protocol/wire-task.ts";
import { inexactNumber, parseExactJson } from "./exact-json.ts";

export interface Draft {
  readonly payload: string;
  /** "": the payload is JSON; else it is text of this type. */
  readonly contentType: string;
  readonly lane: string;
  /** "": none. */
  readonly key: string;
  readonly priority: string;
  readonly delayMs: string;
  /** A line "name: value" each. */
  readonly headers: string;
  /** For new tasks only. */
  readonly id: string;
  readonly maxAttempts: string;
}

export const EMPTY_DRAFT: Draft = {
  payload: "{}",
  contentType: "",
  lane: "main",
  key: "",
  priority: "0",
  delayMs: "",
  headers: "",
  id: "",
  maxAttempts: "",
};

/** null: the payload is bytes, which a form cannot hold. */
export function draftOf({
  payload,
  encoding,
  contentType,
  lane,
  key,
  priority,
  headers,
}: WireBrowsedTask): Draft | null {
  if (encoding === "base64") return null;
  return {
    ...EMPTY_DRAFT,
    payload: encoding === "json" ? JSON.stringify(payload, null, 2) : (payload as string),
    contentType: encoding === "json" ? "" : (contentType ?? "text/plain"),
    lane,
    key: key ?? "",
    priority: String(priority),
    headers: Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
  };
}

export type DraftResult =
  | { readonly kind: "task"; readonly task: WireNewTask }
  | { readonly kind: "wrong"; readonly field: keyof Draft; readonly why: string };

/** The fields' ranges are the server's to judge, which names the field; here is only what would be misread on the way. */
export function taskOfDraft(draft: Draft): DraftResult {
  const wrong = (field: keyof Draft, why: string): DraftResult => ({ kind: "wrong", field, why });
  let payload: unknown = draft.payload;
  if (draft.contentType === "") {
    const json = parseExactJson(draft.payload);
    if (json === undefined) return wrong("payload", "This is not JSON. For other text, give a content type.");
    const number = inexactNumber(json);
    if (number !== null) return wrong("payload", `${number} does not survive as a JSON number: write it as text.`);
    payload = JSON.parse(draft.payload);
  }
  const headers: Record<string, string> = {};
  for (const line of draft.headers.split("\n").filter((text) => text.trim() !== "")) {
    const at = line.indexOf(":");
    if (at < 1) return wrong("headers", `“${line}” is not a name, a colon and a value.`);
    headers[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  for (const field of ["priority", "delayMs", "maxAttempts"] as const) {
    if (draft[field] !== "" && !/^-?\d+$/.test(draft[field])) return wrong(field, "A whole number.");
  }
  const task: WireNewTask = {
    payload,
    ...(draft.contentType === "" ? {} : { encoding: "text", contentType: draft.contentType }),
    ...(draft.lane === "" ? {} : { lane: draft.lane }),
    ...(draft.key === "" ? {} : { key: draft.key }),
    ...(draft.priority === "" ? {} : { priority: Number(draft.priority) }),
    ...(draft.delayMs === "" ? {} : { delayMs: Number(draft.delayMs) }),
    ...(draft.id === "" ? {} : { id: draft.id }),
    ...(draft.maxAttempts === "" ? {} : { maxAttempts: Number(draft.maxAttempts) }),
    headers,
  };
  return { kind: "task", task };
}
