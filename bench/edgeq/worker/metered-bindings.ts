// The Worker's bindings with a meter on their objects. A request is billed for each call on a stub, whichever method it
// names and whoever makes it: the Worker, or one object calling another. So calls are counted where they are made.

/** The same bindings; `count` runs before each call on an object. */
export function meteredBindings<Bindings extends object>(env: Bindings, count: () => void): Bindings {
  const metered = Object.entries(env).map(([name, binding]: [string, unknown]) => [
    name,
    isNamespace(binding) ? meteredNamespace(binding, count) : binding,
  ]);
  return Object.fromEntries(metered) as Bindings;
}

function isNamespace(binding: unknown): binding is DurableObjectNamespace {
  return typeof binding === "object" && binding !== null && "idFromName" in binding;
}

function meteredNamespace(namespace: DurableObjectNamespace, count: () => void): DurableObjectNamespace {
  return new Proxy(namespace, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      const isStubMaker = name === "get" || name === "getByName";
      return (...args: unknown[]): unknown => {
        const made: unknown = Reflect.apply(member, target, args);
        return isStubMaker ? meteredStub(made as DurableObjectStub, count) : made;
      };
    },
  });
}

function meteredStub(stub: DurableObjectStub, count: () => void): DurableObjectStub {
  return new Proxy(stub, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        count();
        return Reflect.apply(member, target, args);
      };
    },
  });
}
