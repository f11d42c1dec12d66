// Calls that do a part at a time: each is asked again from where the one before has come to.

/** The answers one after the other, the last of which has no cursor. @param ask is asked first without one */
export async function* everyAnswer<Answer extends { readonly cursor: string | null }>(
  ask: (from: { readonly cursor?: string }) => Promise<Answer>,
): AsyncGenerator<Answer, void> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const answer: Answer = await ask(cursor === undefined ? {} : { cursor });
    yield answer;
    ({ cursor } = answer);
  }
}
