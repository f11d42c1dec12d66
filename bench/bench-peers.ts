// `npm run bench:peers`: edgeq beside its peers and the floor, ratios to the fastest durable peer.
import { benchCommand } from "./measure/bench-command.ts";
import { allModules } from "./measure/modules.ts";

await benchCommand(allModules, "bullmq-fsync");
