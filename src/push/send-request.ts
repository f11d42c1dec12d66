// Arguments of `send` and `sendBatch` of Cloudflare Queues, checked by their documented rules and made into tasks.

import type { NewTask } from "../core/operation.ts";
import { MESSAGE_CONTENT_TYPES, storedBody, type MessageContentType } from "./message-body.ts";

/** RPC carries what is undefined, which is as if it were absent. */
export interface SendOptions {
  readonly contentType?: MessageContentType | undefined;
  readonly delaySeconds?: number | undefined;
}

export interface SendRequest extends SendOptions {
  readonly body: unknown;
}

/** Bounds of a producer. */
export interface SendLimits {
  readonly messageBytes: number;
  readonly batchMessages: number;
  readonly batchBytes: number;
  readonly delaySeconds: number;
}

/** As Cloudflare documents them (Queues, Limits; a KB is 1,000 bytes): what passes here passes there too. */
export const CLOUDFLARE_LIMITS: SendLimits = {
  messageBytes: 128_000,
  batchMessages: 100,
  batchBytes: 256_000,
  delaySeconds: 86_400,
};

/**
 * The tasks of a batch, in its order.
 *
 * @param defaultDelay seconds, for messages that name none
 * @throws {TypeError} for a body that is not of its content type, or an unknown content type
 * @throws {RangeError} for a size, a count or a delay beyond `limits`
 */
export function tasksOf(requests: readonly SendRequest[], defaultDelay: number, limits: SendLimits): NewTask[] {
  if (requests.length === 0) throw new TypeError("sendBatch() requires at least one message");
  within("messages", requests.length, limits.batchMessages, "messages");
  let batchBytes = 0;
  return requests.map((request, index) => {
    const { task, bytes } = taskOf(request, defaultDelay, limits);
    within(`messages[${index}]`, bytes, limits.messageBytes, "bytes");
    batchBytes += bytes;
    within("messages", batchBytes, limits.batchBytes, "bytes in all");
    return task;
  });
}

function taskOf(
  { body, contentType = "json", delaySeconds }: SendRequest,
  defaultDelay: number,
  limits: SendLimits,
): { task: NewTask; bytes: number } {
  if (!MESSAGE_CONTENT_TYPES.includes(contentType)) {
    throw new TypeError(`contentType: given ${contentType}, allowed: ${MESSAGE_CONTENT_TYPES.join(", ")}`);
  }
  const stored = storedBody(body, contentType);
  const delayMs = delayOf(delaySeconds ?? defaultDelay, limits) * 1_000;
  return {
    task: {
      payload: stored.payload,
      ...(stored.contentType === null ? {} : { contentType: stored.contentType }),
      ...(delayMs === 0 ? {} : { delayMs }),
    },
    bytes: typeof stored.payload === "string" ? utf8Bytes(stored.payload) : stored.payload.byteLength,
  };
}

/** A delay in seconds, as `send` and `retry` take it. */
export function delayOf(delaySeconds: unknown, limits: Pick<SendLimits, "delaySeconds">): number {
  const isDelay = typeof delaySeconds === "number" && Number.isInteger(delaySeconds);
  if (isDelay && delaySeconds >= 0 && delaySeconds <= limits.delaySeconds) return delaySeconds;
  throw new RangeError(
    `delaySeconds: given ${String(delaySeconds)}, allowed: an integer from 0 to ${limits.delaySeconds}`,
  );
}

function within(what: string, given: number, limit: number, unit: string): void {
  if (given > limit) throw new RangeError(`${what}: given ${given} ${unit}, allowed: at most ${limit}`);
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
