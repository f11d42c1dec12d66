// What wrangler.toml says of the Worker, as far as plain workerd needs it. The file is the one source of truth: nothing
// that stands there is written a second time.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "smol-toml";

export const PROJECT_DIR = resolve(import.meta.dirname, "..");

interface DurableObject {
  readonly binding: string;
  readonly className: string;
}

export interface WorkerConfig {
  readonly name: string;
  /** Absolute path of the Worker's entry module. */
  readonly main: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly durableObjects: readonly DurableObject[];
  /** Variables with their values from the file. */
  readonly vars: Readonly<Record<string, unknown>>;
}

/** The part of wrangler.toml that is read here, in its own words. */
interface WranglerToml {
  readonly name: string;
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags?: readonly string[];
  readonly durable_objects?: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
  readonly vars?: Readonly<Record<string, unknown>>;
}

export function readWorkerConfig(): WorkerConfig {
  const toml = parse(readFileSync(resolve(PROJECT_DIR, "wrangler.toml"), "utf8")) as unknown as WranglerToml;
  return {
    name: toml.name,
    main: resolve(PROJECT_DIR, toml.main),
    compatibilityDate: toml.compatibility_date,
    compatibilityFlags: toml.compatibility_flags ?? [],
    durableObjects: (toml.durable_objects?.bindings ?? []).map(({ name, class_name }) => ({
      binding: name,
      className: class_name,
    })),
    vars: toml.vars ?? {},
  };
}
