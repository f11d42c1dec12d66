// Whether what a page shows is JSON, or a form with names in place of values.

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
