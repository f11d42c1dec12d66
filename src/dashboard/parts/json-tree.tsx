// JSON as a tree that opens and closes, its numbers as they are written. Everything is text: no value is ever markup.

import { useState } from "preact/hooks";
import { ExactNumber, type Json } from "../data/exact-json.ts";
import { number } from "./words.ts";

/** Entries shown before "more" is asked for: a page must stay quick over an array of a million. */
const SHOWN = 100;
/** Of one text; the raw view has more, and Copy all. */
const TEXT_CHARACTERS = 5_000;
/** Levels that are open at first. */
const OPEN_DEPTH = 3;

export function JsonTree({ value }: { readonly value: Json }) {
  return (
    <div class="json">
      <Node value={value} depth={0} />
    </div>
  );
}

interface NodeProps {
  readonly name?: string;
  readonly value: Json;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  const label = name === undefined ? null : <span class="name">{name}</span>;
  if (value instanceof ExactNumber || typeof value !== "object" || value === null) {
    return (
      <div class="leaf">
        {label}
        <Scalar value={value} />
      </div>
    );
  }
  return <Branch label={label} value={value} depth={depth} />;
}

interface BranchProps {
  readonly label: preact.JSX.Element | null;
  readonly value: readonly Json[] | { readonly [name: string]: Json };
  readonly depth: number;
}

function Branch({ label, value, depth }: BranchProps) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(SHOWN);
  const isArray = Array.isArray(value);
  const entries = Object.entries(value);
  const size = isArray ? `[${number(entries.length)}]` : `{${number(entries.length)}}`;
  if (entries.length === 0) {
    return (
      <div class="leaf">
        {label}
        <span class="muted">{isArray ? "[]" : "{}"}</span>
      </div>
    );
  }
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        {label}
        <span class="muted">{size}</span>
      </summary>
      {isOpen ? (
        <>
          {entries.slice(0, shown).map(([key, item]) => (
            <Node key={key} name={key} value={item} depth={depth + 1} />
          ))}
          {entries.length > shown ? (
            <button type="button" class="quiet" onClick={() => setShown(shown * 4)}>
              {number(entries.length - shown)} more
            </button>
          ) : null}
        </>
      ) : null}
    </details>
  );
}

function Scalar({ value }: { readonly value: ExactNumber | null | boolean | number | string }) {
  if (value instanceof ExactNumber) return <span class="json-number">{value.source}</span>;
  if (typeof value === "string") {
    const rest = value.length - TEXT_CHARACTERS;
    return (
      <span class="json-text">
        {JSON.stringify(value.slice(0, TEXT_CHARACTERS))}
        {rest > 0 ? <span class="muted"> … {number(rest)} more characters</span> : null}
      </span>
    );
  }
  return <span class={typeof value === "number" ? "json-number" : "json-word"}>{String(value)}</span>;
}
