// What the platform bills of one queue's object, as the bench's Worker counts it.
export interface Counts {
  readonly rowsRead: number;
  /** Without `alarmsSet`, each of which is billed as a row too. */
  readonly rowsWritten: number;
  /** Operations asked of the object by calls; frames of sockets are counted by who sends them. */
  readonly objectRequests: number;
  readonly alarmsSet: number;
  readonly alarmsRung: number;
}

export type Count = keyof Counts;
