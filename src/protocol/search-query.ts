// The search as it is written: `state:dead error:timeout payload.customer.id:42 "card declined"`. Terms are all required; a minus
// before one excludes; `*` stands for any characters. The server, the command line and the dashboard read it by this one parser.

export interface SearchTerm {
  /** "text": a term without a qualifier. */
  readonly field: SearchField | "text";
  /** Of header and payload: which. */
  readonly part: string;
  readonly value: string;
  readonly isExcluded: boolean;
}

export type SearchField = keyof typeof FIELDS;

export type ParsedSearch =
  | { readonly kind: "terms"; readonly terms: readonly SearchTerm[] }
  | { readonly kind: "bad-term"; readonly term: string; readonly allowed: string };

interface Field {
  /** For suggestions. */
  readonly about: string;
  /** It is followed by a dot and the name of a part. */
  readonly hasPart?: boolean;
  readonly form?: RegExp;
  readonly allowed?: string;
}

const COMPARISON = { form: /^(?:[<>]=?)?-?\d{1,15}$/, allowed: "a number, or one after >, >=, < or <=" } as const;

const FIELDS = {
  state: {
    about: "ready, delayed, claimed or dead",
    form: /^(?:ready|delayed|claimed|dead)$/,
    allowed: "ready, delayed, claimed or dead",
  },
  lane: { about: "the lane's name" },
  key: { about: "what the task belongs to" },
  id: { about: "the task's id, ord-* for those that begin so" },
  error: { about: "text in the last error" },
  attempts: { about: "a number, or >3, <=2", ...COMPARISON },
  priority: { about: "a number, or >0", ...COMPARISON },
  claimant: { about: "who holds it" },
  origin: { about: "the queue where it died" },
  header: { about: "header.trace:ab* looks at one header", hasPart: true },
  payload: { about: "payload.customer.id:42 looks at one field", hasPart: true },
} as const satisfies Readonly<Record<string, Field>>;

const NAMES = Object.keys(FIELDS) as SearchField[];

/** What suggestions offer, as it is written, with what each looks at. */
export const SEARCH_QUALIFIERS: readonly (readonly [written: string, about: string])[] = NAMES.map((name) => [
  `${name}${isWithPart(name) ? "." : ":"}`,
  FIELDS[name].about,
]);

const QUALIFIERS_ALLOWED = `one of ${NAMES.map((name) => (isWithPart(name) ? `${name}.NAME` : name)).join(", ")}; quote text that holds a colon`;

/** More would make one task's look as long as a hundred. */
const MOST_TERMS = 32;
/** Each takes some 30 ms of a payload of the largest size, which is looked at whole. */
const MOST_PAYLOAD_TERMS = 16;

const TERM = /-?(?:[^\s":]+:)?"(?:[^"\\]|\\.)*"|\S+/gu;

export function parseSearch(text: string): ParsedSearch {
  const terms: SearchTerm[] = [];
  for (const [written] of text.matchAll(TERM)) {
    const isExcluded = written.length > 1 && written.startsWith("-");
    const term = isExcluded ? written.slice(1) : written;
    const parsed = parseTerm(term);
    if (typeof parsed === "string") return { kind: "bad-term", term: written, allowed: parsed };
    terms.push({ ...parsed, isExcluded });
    if (terms.length > MOST_TERMS) return { kind: "bad-term", term: written, allowed: `at most ${MOST_TERMS} terms` };
    if (terms.filter(looksIntoPayload).length > MOST_PAYLOAD_TERMS)
      return {
        kind: "bad-term",
        term: written,
        allowed: `at most ${MOST_PAYLOAD_TERMS} terms that look into payloads`,
      };
  }
  return { kind: "terms", terms };
}

/** Whether a payload may have to decide it. */
export function looksIntoPayload({ field }: Pick<SearchTerm, "field">): boolean {
  return field === "payload" || field === "text";
}

/** A text says what is allowed instead. */
function parseTerm(term: string): Omit<SearchTerm, "isExcluded"> | string {
  // An address, as in https://example.com, is text.
  const [, name, part, written] = /^([A-Za-z]+)(?:\.([^:"]*))?:(?!\/\/)(.*)$/su.exec(term) ?? [];
  const value = unquoted(written ?? term);
  if (value === null) return "a quoted text that ends with a quote";
  if (name === undefined) return { field: "text", part: "", value };
  if (!isField(name) || isWithPart(name) !== (part !== undefined) || part === "") return QUALIFIERS_ALLOWED;
  const { form, allowed = "text, in which * stands for any characters" }: Field = FIELDS[name];
  if (value === "" || form?.test(value) === false) return `${name}: followed by ${allowed}`;
  return { field: name, part: part ?? "", value };
}

/** null: the quote has no end. */
function unquoted(text: string): string | null {
  if (!text.startsWith('"')) return text;
  return text.length > 1 && text.endsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/gsu, "$1") : null;
}

function isField(name: string): name is SearchField {
  return Object.hasOwn(FIELDS, name);
}

function isWithPart(name: SearchField): boolean {
  const { hasPart = false }: Field = FIELDS[name];
  return hasPart;
}

/** The one state that all matches are in, so that only its tasks need be looked at; undefined: any. */
export function searchedState(terms: readonly SearchTerm[]): "ready" | "delayed" | "claimed" | "dead" | undefined {
  return only(terms, "state") as "ready" | "delayed" | "claimed" | "dead" | undefined;
}

/** Likewise the one lane. */
export function searchedLane(terms: readonly SearchTerm[]): string | undefined {
  const lane = only(terms, "lane");
  return lane?.includes("*") === true ? undefined : lane;
}

function only(terms: readonly SearchTerm[], field: SearchField): string | undefined {
  const [first, ...more] = terms.filter((term) => term.field === field && !term.isExcluded);
  return more.length === 0 ? first?.value : undefined;
}
