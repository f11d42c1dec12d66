// All planted faults, those of the innermost rooms first.

import type { Mutant } from "../mutant.ts";
import { BOUNDS_MUTANTS } from "./bounds.ts";
import { CLIENT_MUTANTS } from "./client.ts";
import { CONSUMER_MUTANTS } from "./consumer.ts";
import { KEY_MUTANTS } from "./keys.ts";
import { OBJECT_MUTANTS } from "./object.ts";
import { PRODUCER_MUTANTS } from "./producers.ts";
import { PUT_BACK_MUTANTS } from "./put-back.ts";
import { QUEUE_MUTANTS } from "./queue.ts";
import { STORE_MUTANTS } from "./store.ts";
import { UPGRADE_MUTANTS } from "./upgrade.ts";

export const EVERY_MUTANT: readonly Mutant[] = [
  ...STORE_MUTANTS,
  ...QUEUE_MUTANTS,
  ...KEY_MUTANTS,
  ...PRODUCER_MUTANTS,
  ...BOUNDS_MUTANTS,
  ...UPGRADE_MUTANTS,
  ...PUT_BACK_MUTANTS,
  ...OBJECT_MUTANTS,
  ...CLIENT_MUTANTS,
  ...CONSUMER_MUTANTS,
];
