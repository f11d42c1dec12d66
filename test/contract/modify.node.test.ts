// The contract of modify, documents and lanes, over node:sqlite.

import { MemoryQueue } from "../node/memory-queue.ts";
import { concurrencyContract } from "./concurrency-contract.ts";
import { documentContract } from "./document-contract.ts";
import { laneContract } from "./lane-contract.ts";
import { modifyContract } from "./modify-contract.ts";

const open = () => Promise.resolve(new MemoryQueue());

modifyContract(open);
documentContract(open);
concurrencyContract(open);
laneContract(open);
