// One dialog at a time over the page. The browser's own element keeps the focus inside, closes on Escape and gives the focus back.

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
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} onClose={closeDialog} aria-labelledby="dialog-title">
      {children}
    </dialog>
  );
}
