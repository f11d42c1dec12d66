// `npm run bench`: edgeq beside the floor that it cannot pass on this machine.
import { benchCommand } from "./measure/bench-command.ts";

const modules = ["floor/floor-subjects.ts", "edgeq/edgeq-subjects.ts"];
await benchCommand(
  modules.map((module) => new URL(module, import.meta.url).href),
  "edgeq-http",
);
