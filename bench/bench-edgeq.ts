// `npm run bench`: edgeq beside the floor that it cannot pass on this machine; with `--against`, beside another commit.
import { againstCommand } from "./against/against-command.ts";
import { benchCommand } from "./measure/bench-command.ts";
import { ownModules } from "./measure/modules.ts";

const isAgainst = process.argv.some((option) => option === "--against" || option.startsWith("--against="));
await (isAgainst ? againstCommand() : benchCommand(ownModules, "edgeq-http"));
