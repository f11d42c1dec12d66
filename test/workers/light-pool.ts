// Before each file of tests in workerd: two things that the pool does again and again are done once. Nothing that a test sees is
// another for it. After each file its process is made as new for the next one: starting one for each would take a processor
// longer than most of the files.

import { reset, runInDurableObject } from "cloudflare:test";
import { DurableObject, env } from "cloudflare:workers";
import { afterAll, vi } from "vitest";

type Class = new (...args: never[]) => object;

interface Modules {
  import(specifier: string): Promise<unknown>;
}

/** Every object that the tests of this file have woken. */
const woken = new Map<string, DurableObjectId>();

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
      const { id } = args[0] as DurableObjectState;
      woken.set(id.toString(), id);
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

afterAll(async () => {
  // Only what is awake is removed with what it has stored, and some objects have been evicted.
  for (const id of woken.values()) await wake(id);
  await reset();
  Object.assign(Reflect, { construct });
  Reflect.deleteProperty(moduleRunner, "import");
  vi.resetModules();
});

async function wake(id: DurableObjectId): Promise<void> {
  for (const namespace of [env.QUEUE, env.DIRECTORY] as const) {
    try {
      await runInDurableObject(namespace.get(id) as DurableObjectStub, () => {});
    } catch {
      // It is the other namespace's, or cannot start: its wrapper is awake all the same.
    }
  }
}
