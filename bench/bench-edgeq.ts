// `npm run bench`: edgeq beside the floor that it cannot pass on this machine.
import { benchCommand } from "./measure/bench-command.ts";
import { ownModules } from "./measure/modules.ts";

await benchCommand(ownModules, "edgeq-http");
