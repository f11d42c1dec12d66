// Before each file of tests in workerd: two things that the pool does again and again are done once. Nothing that a test sees is
// another for it.

import { DurableObject } from "cloudflare:workers";

type Class = new (...args: never[]) => object;

interface Modules {
  import(specifier: string): Promise<unknown>;
}

/**
 * Each object that is constructed finds the prototype of its class in one more proxy (cloudflare/workers-sdk#15092), and each property
 * of any object is then looked up through all of them: 250 tests took four times as long. The first proxy does for all.
 */
const { construct } = Reflect;
const prototypes = new WeakMap<Class, unknown>();
Object.assign(Reflect, {
  construct: (target: Class, args: readonly unknown[], newTarget: Class = target): unknown => {
    if (target === DurableObject) {
      if (!prototypes.has(newTarget)) prototypes.set(newTarget, newTarget.prototype);
      Object.assign(newTarget, { prototype: prototypes.get(newTarget) });
    }
    return construct(target, args, newTarget);
  },
});

/** Each call on an object asks vitest's process for the Worker's module, although it has been there since the first. */
const { moduleRunner } = (globalThis as unknown as { __vitest_mocker__: { moduleRunner: Modules } }).__vitest_mocker__;
const ask = moduleRunner.import.bind(moduleRunner);
const modules = new Map<string, unknown>();
moduleRunner.import = async (specifier) => {
  if (!modules.has(specifier)) modules.set(specifier, await ask(specifier));
  return modules.get(specifier);
};
