// What the platform bills for one queue, as the bench's Worker counts it.
export interface Counts {
  readonly rowsRead: number;
  /** Without `alarmsSet`, each of which is billed as a row too. */
  readonly rowsWritten: number;
  /** Of those, what time brings and no task: a row of history a minute, and an entry more for each producer in a dedupe window. */
  readonly timedRows: number;
  /** Calls on the objects of the process, the directory's and those from one object to another included; without frames of sockets, which their sender counts. */
  readonly objectRequests: number;
  readonly alarmsSet: number;
  readonly alarmsRung: number;
}

export type Count = keyof Counts;
