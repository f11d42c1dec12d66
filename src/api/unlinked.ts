// The sentences of declarations where the documentation is not beside them, as in the OpenAPI document.

/** Without the links to other pages, which would lead nowhere: " ([keys](keys.md))" is left out. */
export function unlinked(about: string): string {
  return about.replaceAll(/ \(\[[^\]]+\]\([^)]+\)\)/g, "");
}
