// `npm run bench:peers`: the peers beside each other, ratios to the fastest durable one.
import { benchCommand } from "./measure/bench-command.ts";

await benchCommand([new URL("peers/peer-subjects.ts", import.meta.url).href], "bullmq-fsync");
