// CHANGELOG.md as a release needs it: what is unreleased becomes a version, and a version's notes can be taken out. Pure.

const UNRELEASED = "## Unreleased";

/**
 * The changelog with its unreleased entries under a version.
 *
 * @param date as in 2026-11-26
 * @throws {Error} when nothing is unreleased, or the version is there already
 */
export function withRelease(changelog: string, version: string, date: string): string {
  if (notesOf(changelog, version) !== null) throw new Error(`CHANGELOG.md has a version ${version} already`);
  if (sectionOf(changelog, UNRELEASED) === "") throw new Error("CHANGELOG.md has nothing unreleased");
  return changelog.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## ${version} - ${date}\n`);
}

/** What the changelog says of a version; null: nothing. */
export function notesOf(changelog: string, version: string): string | null {
  const heading = new RegExp(`^## ${version.replaceAll(".", "\\.")} - \\d{4}-\\d{2}-\\d{2}$`, "m").exec(changelog)?.[0];
  return heading === undefined ? null : sectionOf(changelog, heading);
}

function sectionOf(changelog: string, heading: string): string {
  const [, rest = ""] = changelog.split(`${heading}\n`);
  const end = rest.search(/^## /m);
  return (end < 0 ? rest : rest.slice(0, end)).trim();
}
