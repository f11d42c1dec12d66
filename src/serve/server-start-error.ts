// Why a server did not come up, for a person.

import { CommandError } from "./command-error.ts";

export class ServerStartError extends CommandError {
  readonly kind: "port-taken" | "port-forbidden" | "state-in-use" | "state-unusable" | "failed";

  constructor(kind: ServerStartError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}
