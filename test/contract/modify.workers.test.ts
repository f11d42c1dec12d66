// The contract of modify, documents and lanes, in a real object.

import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { concurrencyContract } from "./concurrency-contract.ts";
import { documentContract } from "./document-contract.ts";
import { laneContract } from "./lane-contract.ts";
import { modifyContract } from "./modify-contract.ts";

stoppedClock();

const open = () => Promise.resolve(new ObjectQueue());

modifyContract(open);
documentContract(open);
concurrencyContract(open);
laneContract(open);
