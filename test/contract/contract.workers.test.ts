// The contract of a queue, in a real object.

import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
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

stoppedClock();

const open = () => Promise.resolve(new ObjectQueue());

attemptContract(open);
budgetContract(open);
costContract(open);
historyContract(open);
incarnationContract(open);
keyContract(open);
keyUseContract(open);
lifeContract(open);
limitContract(open);
numberContract(open);
operatorContract(open);
producerContract(open);
runContract(open);
timeContract(open);
transferContract(open);
