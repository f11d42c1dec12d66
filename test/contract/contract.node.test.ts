// The contract of a queue, over node:sqlite.

import { MemoryQueue } from "../node/memory-queue.ts";
import { attemptContract } from "./attempt-contract.ts";
import { budgetContract } from "./budget-contract.ts";
import { costContract } from "./cost-contract.ts";
import { historyContract } from "./history-contract.ts";
import { incarnationContract } from "./incarnation-contract.ts";
import { keyContract } from "./key-contract.ts";
import { keyUseContract } from "./key-use-contract.ts";
import { lifeContract } from "./life-contract.ts";
import { limitContract } from "./limit-contract.ts";
import { numberContract } from "./number-contract.ts";
import { operatorContract } from "./operator-contract.ts";
import { producerContract } from "./producer-contract.ts";
import { runContract } from "./run-contract.ts";
import { timeContract } from "./time-contract.ts";
import { transferContract } from "./transfer-contract.ts";

const open = () => Promise.resolve(new MemoryQueue());

attemptContract(open);
budgetContract(open);
costContract(open);
historyContract(open);
keyContract(open);
keyUseContract(open);
lifeContract(open);
limitContract(open);
numberContract(open);
operatorContract(open);
producerContract(open);
runContract(open);
timeContract(open);
// Lives are told apart by chance.
const openByChance = () => Promise.resolve(new MemoryQueue("orders", Math.random));
incarnationContract(openByChance);
transferContract(openByChance);
