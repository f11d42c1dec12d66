// The seed of everything random in the tests: properties, simulation, fuzz and torture. It is the same for every run, so that a tree
// that passes passes again; EDGEQ_SEED sets another one, or `random` draws one.

import { randomInt } from "node:crypto";

const USUAL = 1;
const MOST = 2 ** 31 - 1;

/** @throws if EDGEQ_SEED is neither `random` nor a whole number from 0 to 2,147,483,647 */
export function seedOfRun(): number {
  const given = process.env["EDGEQ_SEED"] ?? "";
  if (given === "") return USUAL;
  if (given === "random") {
    const drawn = randomInt(MOST);
    // For the processes that are started from here: they draw the same, and so does whoever reads this line.
    process.env["EDGEQ_SEED"] = String(drawn);
    console.log(`EDGEQ_SEED=${drawn}`);
    return drawn;
  }
  const seed = Number(given);
  if (!(/^\d+$/.test(given) && seed <= MOST))
    throw new Error(`EDGEQ_SEED: given ${given}, allowed: random, or a whole number from 0 to ${MOST}`);
  return seed;
}
