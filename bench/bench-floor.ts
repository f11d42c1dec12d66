// `npm run bench:floor`: what the platform and the disk allow on this machine.
import { benchCommand } from "./measure/bench-command.ts";

await benchCommand([new URL("floor/floor-subjects.ts", import.meta.url).href], "workerd");
