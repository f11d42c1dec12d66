// A payload in three ways: as a tree where it is JSON, raw, and in hex. Which is open is in the address.

import type { WireTask } from "../../protocol/wire-task.ts";
import { parseExactJson, type Json } from "../data/exact-json.ts";
import { CopyButton } from "./copy-button.tsx";
import { JsonTree } from "./json-tree.tsx";
import { go, place, withQuery } from "./router.ts";
import { bytes, number } from "./words.ts";

type View = "tree" | "raw" | "hex";

/** What of a large payload is written into the page at once. */
const RAW_CHARACTERS = 100_000;
const HEX_BYTES = 8_192;

export function PayloadView({ task }: { readonly task: WireTask }) {
  const { payload, encoding } = task;
  const raw = encoding === "json" ? JSON.stringify(payload, null, 2) : (payload as string);
  const content = encoding === "base64" ? fromBase64(payload as string) : new TextEncoder().encode(compactOf(task));
  const tree: Json | undefined =
    encoding === "base64" ? undefined : parseExactJson(encoding === "json" ? compactOf(task) : raw);
  const views: View[] = [
    ...(tree === undefined ? [] : (["tree"] as const)),
    ...(encoding === "base64" ? [] : (["raw"] as const)),
    "hex",
  ];
  const asked = place.value.query.get("view");
  const view = views.find((name) => name === asked) ?? views[0] ?? "hex";
  return (
    <section class="card" aria-labelledby="payload-title">
      <header>
        <h2 id="payload-title">Payload</h2>
        <span class="muted">
          {task.contentType ?? "application/json"}, {bytes(content.byteLength)}
        </span>
        <div class="choices" role="group" aria-label="How the payload is shown">
          {views.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === view}
              onClick={() => go(withQuery({ view: name === views[0] ? null : name }), true)}
            >
              {name}
            </button>
          ))}
        </div>
        <CopyButton text={encoding === "base64" ? (payload as string) : raw} label="payload" />
      </header>
      {view === "tree" && tree !== undefined ? <JsonTree value={tree} /> : null}
      {view === "raw" ? <Raw text={raw} /> : null}
      {view === "hex" ? <Hex content={content} /> : null}
    </section>
  );
}

function compactOf({ payload, encoding }: WireTask): string {
  return encoding === "json" ? JSON.stringify(payload) : (payload as string);
}

function Raw({ text }: { readonly text: string }) {
  const rest = text.length - RAW_CHARACTERS;
  return (
    <pre tabIndex={0} aria-label="Raw payload">
      {text.slice(0, RAW_CHARACTERS)}
      {rest > 0 ? `\n… ${number(rest)} more characters: copy it to see all.` : ""}
    </pre>
  );
}

function Hex({ content }: { readonly content: Uint8Array }) {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(content.length, HEX_BYTES); at += 16) {
    const part = Array.from(content.subarray(at, at + 16));
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  const rest = content.length - HEX_BYTES;
  return (
    <pre tabIndex={0} aria-label="Payload in hex" class="hex">
      {lines.join("\n")}
      {rest > 0 ? `\n… ${number(rest)} more bytes.` : ""}
    </pre>
  );
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
