// The modules that export `subjects`, by what they are.

const moduleOf = (path: string): string => new URL(`../${path}`, import.meta.url).href;

/** The floor, then edgeq. */
export const ownModules = ["floor/floor-subjects.ts", "edgeq/edgeq-subjects.ts"].map(moduleOf);
/** And everybody else. */
export const allModules = [...ownModules, moduleOf("peers/peer-subjects.ts")];
