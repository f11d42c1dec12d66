// One dialog at a time over the page. The browser's own element keeps the focus inside and closes on Escape.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

const open = signal<ComponentChildren>(null);

export function showDialog(content: ComponentChildren): void {
  open.value = content;
}

export function closeDialog(): void {
  open.value = null;
}

export function isDialogOpen(): boolean {
  return open.value !== null;
}

export function DialogPlace() {
  return open.value === null ? null : <Dialog>{open.value}</Dialog>;
}

function Dialog({ children }: { readonly children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    // An element that is taken out of the page, as after an action, gives no focus back. What opened it may be gone by then, too.
    return () => {
      const back = before?.isConnected === true ? before : document.querySelector("#content");
      if (back instanceof HTMLElement) back.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog ref={element} onClose={closeDialog} aria-labelledby="dialog-title">
      {children}
    </dialog>
  );
}
