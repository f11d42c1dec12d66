// The search as it is written: `state:dead error:timeout payload.customer.id:42 "card declined"`. Terms are all required; a minus
// before one excludes; `*` stands for any characters. Knows nothing of where tasks come from.

import type { WireBrowsedTask, WireTaskState } from "../../protocol/wire-task.ts";

export interface Term {
  /** "" for free text; `header.x` and `payload.a.b` name a part. */
  readonly qualifier: string;
  readonly value: string;
  readonly isExcluded: boolean;
}

/** What suggestions offer, with what each looks at. */
export const QUALIFIERS: readonly (readonly [name: string, meaning: string])[] = [
  ["state:", "ready, delayed, claimed or dead"],
  ["lane:", "the lane's name"],
  ["id:", "the task's id, ord-* for those that begin so"],
  ["error:", "text in the last error"],
  ["attempts:", "a number, or >3, <=2"],
  ["priority:", "a number, or >0"],
  ["claimant:", "who holds it"],
  ["origin:", "the queue where it died"],
  ["header.", "header.trace:ab* looks at one header"],
  ["payload.", "payload.customer.id:42 looks at one field"],
];

const TERM = /(-)?(?:([a-z]+(?:\.[^\s:"]+)?):)?("(?:[^"\\]|\\.)*"|\S+)/giu;
const NAMED = new Set(["state", "lane", "id", "error", "attempts", "priority", "claimant", "origin"]);

export function parseSearch(text: string): readonly Term[] {
  return Array.from(text.matchAll(TERM), ([term, minus, name = "", value = ""]) => {
    const isKnown = NAMED.has(name) || /^(?:header|payload)\../.test(name);
    // A colon in other words, as in a URL, is text.
    const qualifier = isKnown ? name : "";
    const written = isKnown ? value : term.slice(minus === undefined ? 0 : 1);
    return { qualifier, value: unquoted(written), isExcluded: minus !== undefined };
  });
}

function unquoted(text: string): string {
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : text;
}

/** The one state that all matches are in, so that only its tasks need be looked at; null: any. */
export function stateOf(terms: readonly Term[]): WireTaskState | null {
  const states = terms.filter(({ qualifier, isExcluded }) => qualifier === "state" && !isExcluded);
  const [only] = states;
  return states.length === 1 && only !== undefined && isState(only.value) ? only.value : null;
}

/** Likewise the one lane. */
export function laneOf(terms: readonly Term[]): string | null {
  const lanes = terms.filter(({ qualifier, isExcluded }) => qualifier === "lane" && !isExcluded);
  const [only] = lanes;
  return lanes.length === 1 && only !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(only.value)
    ? only.value
    : null;
}

export function isState(text: string): text is WireTaskState {
  return text === "ready" || text === "delayed" || text === "claimed" || text === "dead";
}

/** A function of one task, so that patterns are compiled once for a whole scan. */
export function matcherOf(terms: readonly Term[]): (task: WireBrowsedTask) => boolean {
  const tests = terms.map(testOf);
  return (task) => tests.every((test) => test(task));
}

function testOf({ qualifier, value, isExcluded }: Term): (task: WireBrowsedTask) => boolean {
  const test = plainTestOf(qualifier, value);
  return isExcluded ? (task) => !test(task) : test;
}

function plainTestOf(qualifier: string, value: string): (task: WireBrowsedTask) => boolean {
  const is = whole(value);
  const has = within(value);
  const compare = comparison(value);
  const [part, ...path] = qualifier.split(".");
  switch (part) {
    case "state":
      return ({ state }) => is(state);
    case "lane":
      return ({ lane }) => is(lane);
    case "id":
      return ({ id, origin }) => is(id) || (origin !== null && is(origin.id));
    case "claimant":
      return ({ claimant }) => claimant !== null && is(claimant);
    case "origin":
      return ({ origin }) => origin !== null && is(origin.queue);
    case "error":
      return ({ error, origin }) => has(error ?? origin?.error ?? "");
    case "attempts":
      return ({ attempts }) => compare(attempts);
    case "priority":
      return ({ priority }) => compare(priority);
    case "header":
      return ({ headers }) => Object.hasOwn(headers, path.join(".")) && is(headers[path.join(".")] ?? "");
    case "payload":
      return (task) => valuesAt(payloadOf(task), path).some((found) => is(textOf(found)));
    default:
      return (task) => has(task.id) || has(task.error ?? "") || has(textOf(task.payload));
  }
}

/** Text payloads that hold JSON are looked into like JSON. */
function payloadOf({ payload, encoding }: WireBrowsedTask): unknown {
  if (encoding !== "text") return payload;
  try {
    return JSON.parse(payload as string) as unknown;
  } catch {
    return payload;
  }
}

/** The values at a path; an array on the way stands for each of its items. */
function valuesAt(value: unknown, [name, ...rest]: readonly string[]): readonly unknown[] {
  if (name === undefined) return [value];
  if (Array.isArray(value)) {
    const own = /^\d+$/.test(name) ? [value[Number(name)] as unknown] : [];
    return [
      ...own.flatMap((item) => valuesAt(item, rest)),
      ...value.flatMap((item) => valuesAt(item, [name, ...rest])),
    ];
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return [];
  return valuesAt((value as Record<string, unknown>)[name], rest);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function whole(pattern: string): (text: string) => boolean {
  const { head, middle, tail } = piecesOf(pattern);
  if (tail === null) return (text) => text.toLowerCase() === head;
  return (given) => {
    const text = given.toLowerCase();
    if (!text.startsWith(head)) return false;
    const end = endOf(middle, text, head.length);
    return end !== -1 && text.length - tail.length >= end && text.endsWith(tail);
  };
}

function within(pattern: string): (text: string) => boolean {
  const { head, middle, tail } = piecesOf(pattern);
  const pieces = [head, ...middle, ...(tail === null ? [] : [tail])];
  return (text) => endOf(pieces, text.toLowerCase(), 0) !== -1;
}

/** The texts between a pattern's stars; `tail` null: it has no star. */
function piecesOf(pattern: string): { head: string; middle: readonly string[]; tail: string | null } {
  const [head = "", ...rest] = pattern.toLowerCase().split("*");
  const tail = rest.pop() ?? null;
  return { head, middle: rest, tail };
}

/**
 * Where the pieces end when each is found after the one before it; -1: not all are there. Takes each piece's first place, so
 * that the time grows with the text's length alone, where a regular expression would try them all.
 */
function endOf(pieces: readonly string[], text: string, from: number): number {
  let end = from;
  for (const piece of pieces) {
    const at = text.indexOf(piece, end);
    if (at === -1) return -1;
    end = at + piece.length;
  }
  return end;
}

function comparison(text: string): (value: number) => boolean {
  const [, sign = "", digits = ""] = /^([<>]=?)?(-?\d+)$/.exec(text) ?? [];
  const wanted = digits === "" ? Number.NaN : Number(digits);
  switch (sign) {
    case ">":
      return (value) => value > wanted;
    case ">=":
      return (value) => value >= wanted;
    case "<":
      return (value) => value < wanted;
    case "<=":
      return (value) => value <= wanted;
    default:
      return (value) => value === wanted;
  }
}
