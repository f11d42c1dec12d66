/** Whether a subject, by its name, answers before anything is on disk: it is shown, but apart. */
export function keepsNothing(subject: string): boolean {
  return /memory|simulator|no-fsync/.test(subject);
}
