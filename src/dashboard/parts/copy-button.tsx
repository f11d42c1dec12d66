// Copies a text, also where the clipboard's own interface is missing: browsers offer it to https and loopback pages only.

import { say } from "./notice.tsx";

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <button type="button" class="quiet" aria-label={`Copy ${label}`} onClick={() => void copy(text, label)}>
      Copy
    </button>
  );
}

async function copy(text: string, label: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyBySelection(text)) {
      say(`The browser does not let this page copy. Select the ${label} and copy it by hand.`, "bad");
      return;
    }
  }
  say(`Copied the ${label}.`);
}

/** What plain HTTP leaves: a selected field and the old command. */
function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "off-screen";
  // Within the open dialog, where there is one: outside of it nothing can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  // The only way on pages without the clipboard's interface, deprecated or not.
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}
