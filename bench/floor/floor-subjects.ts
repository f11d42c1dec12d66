// The floor: what edgeq cannot pass on this machine.
import type { Subject } from "../measure/subject.ts";
import { sqliteFloor } from "./sqlite-floor.ts";
import { workerdFloor } from "./workerd-floor.ts";

export const subjects: readonly Subject[] = [workerdFloor, sqliteFloor];
