// The bindings under which a Worker finds the objects of edgeq.

import type { DirectoryObject } from "./directory-object.ts";
import type { QueueObject } from "./queue-object.ts";

export interface ObjectBindings {
  readonly QUEUE: DurableObjectNamespace<QueueObject>;
  readonly DIRECTORY: DurableObjectNamespace<DirectoryObject>;
}
