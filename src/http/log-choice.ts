// The values of EDGEQ_LOG. Read by the Worker, and by the commands that start it, so that a mistake is known at the start.

/** What EDGEQ_LOG asks for. */
export interface LogChoice {
  /** Of requests that succeed, or fail by a mistake of the sender. */
  readonly share: number;
  /** Failures of the server's own, always. */
  readonly failures: boolean;
}

const OFF: LogChoice = { share: 0, failures: false };

/**
 * @param setting "off" (or absent), "failures" (statuses from 500 up), "all", or a share from 0 to 1 of all requests beside the failures
 * @returns null: it is none of these
 */
export function logChoice(setting: string | null | undefined): LogChoice | null {
  switch (setting ?? "off") {
    case "":
    case "off":
      return OFF;
    case "failures":
      return { share: 0, failures: true };
    case "all":
      return { share: 1, failures: true };
    default: {
      const share = Number(setting);
      return share >= 0 && share <= 1 ? { share, failures: true } : null;
    }
  }
}
