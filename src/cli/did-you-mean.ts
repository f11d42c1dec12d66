// Guesses which name was meant by one that is not known.

/** The nearest of the candidates; null: none is near. */
export function didYouMean(given: string, candidates: readonly string[]): string | null {
  const [nearest] = candidates
    .map((name) => ({ name, distance: distanceOf(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.name ?? null;
}

/** Letters that must be added, removed or replaced (Levenshtein); 1 where one begins with the other, as delay and delayMs do. */
function distanceOf(one: string, other: string): number {
  if (one.length >= 3 && (other.startsWith(one) || one.startsWith(other))) return 1;
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (before[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (before[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    before = next;
  }
  return before[other.length] ?? 0;
}
